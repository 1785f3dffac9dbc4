import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { testTask } from "./fixtures/test-task.ts";
import { Sandbox, type SandboxOptions } from "./sandbox.ts";

const ample = { owner: "a", bytes: 1, timeMs: 60_000 };

function openSandbox(options: Partial<SandboxOptions> = {}): Sandbox {
  const sandbox = new Sandbox({
    processesMax: 2,
    heapMegabytesMax: 64,
    runsPerBatchMax: 64,
    runsPerOwnerMax: 1_000,
    slowMs: 50,
    niceness: 0,
    idleMs: 60_000,
    ...options,
  });
  onTestFinished(() => sandbox[Symbol.asyncDispose]());
  return sandbox;
}

async function processOf(sandbox: Sandbox): Promise<number> {
  const outcome = await sandbox.run(testTask, { do: "id" }, ample);
  return outcome.kind === "done" ? Number(outcome.value) : 0;
}

test("a task runs in another process, which is kept for the next", async () => {
  const sandbox = openSandbox();
  const first = await processOf(sandbox);
  expect(first).not.toBe(process.pid);
  expect(await processOf(sandbox)).toBe(first);
});

test("a task that throws, or calls itself without end, fails, and its process continues", async () => {
  const sandbox = openSandbox();
  const before = await processOf(sandbox);
  expect(await sandbox.run(testTask, { do: "throw" }, ample)).toEqual({ kind: "failed", message: "no" });
  expect(await sandbox.run(testTask, { do: "recurse" }, ample)).toEqual({
    kind: "failed",
    message: "It is nested too deeply.",
  });
  expect(await processOf(sandbox)).toBe(before);
});

test("a task that does not end is ended in time, and the next one gets another process", async () => {
  const sandbox = openSandbox();
  const before = await processOf(sandbox);
  const outcome = await sandbox.run(testTask, { do: "spin", ms: 600_000 }, { ...ample, timeMs: 50 });
  expect(outcome).toEqual({ kind: "too_slow" });
  expect(await processOf(sandbox)).not.toBe(before);
});

test("an owner has a bounded number of runs waiting", async () => {
  const sandbox = openSandbox({ runsPerOwnerMax: 3, processesMax: 1 });
  const runs = Array.from({ length: 5 }, () => sandbox.run(testTask, { do: "return", value: "ok" }, ample));
  const other = sandbox.run(testTask, { do: "return", value: "ok" }, { ...ample, owner: "b" });
  const kinds = (await Promise.all([...runs, other])).map(({ kind }) => kind);
  expect(kinds).toEqual(["done", "done", "done", "unavailable", "unavailable", "done"]);
});

test("an idle process ends", async () => {
  const sandbox = openSandbox({ idleMs: 1 });
  const id = await processOf(sandbox);
  await expect.poll(() => isRunning(id)).toBe(false);
});

test("signals to the parent do not end running tasks", async () => {
  const sandbox = openSandbox({ processesMax: 1 });
  const id = await processOf(sandbox);
  const run = sandbox.run(testTask, { do: "spin", ms: 300 }, ample);
  await new Promise(setImmediate);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.kill(id, signal);
  expect(await run).toEqual({ kind: "done", value: "spun" });
});

test("closing ends running and waiting tasks", async () => {
  const sandbox = openSandbox({ processesMax: 1 });
  const id = await processOf(sandbox);
  const runs = Array.from({ length: 3 }, () => sandbox.run(testTask, { do: "spin", ms: 600_000 }, ample));
  await new Promise(setImmediate);
  await sandbox[Symbol.asyncDispose]();
  expect(await Promise.all(runs)).toEqual(Array(3).fill({ kind: "unavailable" }));
  expect(isRunning(id)).toBe(false);
  expect(await sandbox.run(testTask, { do: "id" }, ample)).toEqual({ kind: "unavailable" });
});

test("a busy process ends when its parent is killed", async () => {
  const parent = spawn(process.execPath, [fileURLToPath(new URL("./fixtures/parent-that-dies.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const id = Number(line.toString());
  expect(isRunning(id)).toBe(true);
  parent.kill("SIGKILL");
  await expect.poll(() => isRunning(id), { timeout: 20_000 }).toBe(false);
});

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}
