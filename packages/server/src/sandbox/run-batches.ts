// What runs inside a sandbox process: it takes batches of runs from its parent, and returns their results.

import { Worker } from "node:worker_threads";
import type { Batch, BatchResult, RunResult } from "./task.ts";

type Run = (input: unknown) => unknown;

const loaded = new Map<string, Run>();
const messageLengthMax = 300;

process.on("message", (batch: Batch) => void runBatch(batch));
process.on("disconnect", () => process.exit());
// A run may never return to the event loop, so a thread of its own notices that the parent is gone.
new Worker(new URL("./end-with-parent.js", import.meta.url), { workerData: process.ppid }).unref();

async function runBatch({ runs, sliceMs }: Batch): Promise<void> {
  const results: RunResult[] = [];
  const startedAt = performance.now();
  for (const { module, input } of runs) {
    results.push(timed(await runOf(module), input));
    if (performance.now() - startedAt >= sliceMs) break;
  }
  process.send?.({ results } satisfies BatchResult);
}

function timed(run: Run, input: unknown): RunResult {
  const startedAt = performance.now();
  const tookMs = () => performance.now() - startedAt;
  try {
    const value = run(input);
    return { ok: true, value, tookMs: tookMs() };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const message = error instanceof RangeError ? "It is nested too deeply." : text.slice(0, messageLengthMax);
    return { ok: false, message, tookMs: tookMs() };
  }
}

async function runOf(module: string): Promise<Run> {
  const known = loaded.get(module);
  if (known !== undefined) return known;
  const { run } = (await import(module)) as { run: Run };
  loaded.set(module, run);
  return run;
}
