// Runs inside a sandbox process: it receives batches of runs from its parent, and returns their results.

import { Worker } from "node:worker_threads";
import type { BatchResult, RunBatch, RunResult } from "./task.ts";

type Run = (input: unknown) => unknown;

const loaded = new Map<string, Run>();
const messageLengthMax = 300;
/** A process with more memory after its work is replaced, so that memory of one owner is not kept for the others. */
const bytesKeptMax = 160 * 1024 * 1024;
/** Shorter runs cannot have used much memory, and checking costs more than they do. */
const shortMs = 5;

/** The processor time of this process at which the run is ended (ms); 0 without a run. */
const limitAt = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
new Worker(new URL("./watch-process.js", import.meta.url), { workerData: { parentId: process.ppid, limitAt } }).unref();

// The parent decides when a process ends: a supervisor that stops both at once would abort running checks.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
process.on("disconnect", () => process.exit());
process.on("message", (batch: RunBatch) => void runBatch(batch));

async function runBatch({ runs, sliceMs }: RunBatch): Promise<void> {
  const results: RunResult[] = [];
  const startedAt = performance.now();
  for (const { module, input, timeMs } of runs) {
    results.push(timed(await runOf(module), input, timeMs));
    if (performance.now() - startedAt >= sliceMs) break;
  }
  const wasLong = results.some(({ tookMs }) => tookMs > shortMs);
  const isSwollen = wasLong && process.memoryUsage.rss() > bytesKeptMax;
  process.send?.({ results, isSwollen } satisfies BatchResult);
}

function timed(run: Run, input: unknown, timeMs: number): RunResult {
  const startedAt = performance.now();
  const tookMs = () => performance.now() - startedAt;
  limitAt[0] = processorMs() + timeMs;
  try {
    const value = run(input);
    return { ok: true, value, tookMs: tookMs() };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const message = error instanceof RangeError ? "It is nested too deeply." : text.slice(0, messageLengthMax);
    return { ok: false, message, tookMs: tookMs() };
  } finally {
    limitAt[0] = 0;
  }
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function runOf(module: string): Promise<Run> {
  const known = loaded.get(module);
  if (known !== undefined) return known;
  const { run } = (await import(module)) as { run: Run };
  loaded.set(module, run);
  return run;
}
