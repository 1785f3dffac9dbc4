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

test.each(["objects", "numbers", "map", "texts"] as const)(
  "a task that fills its memory with %s ends alone",
  async (how) => {
    const sandbox = openSandbox();
    expect(await sandbox.run(testTask, { do: "fill", how }, ample)).toEqual({ kind: "too_large" });
    expect(await processOf(sandbox)).toBeGreaterThan(0);
  },
);

test("of runs that share a process, only the one that ends it is to blame", async () => {
  const sandbox = openSandbox({ processesMax: 1 });
  const quick = (value: number) => sandbox.run(testTask, { do: "return", value: String(value) }, ample);
  const before = Array.from({ length: 10 }, (_, index) => quick(index));
  const bad = sandbox.run(testTask, { do: "fill", how: "map" }, ample);
  const after = Array.from({ length: 10 }, (_, index) => quick(10 + index));
  expect(await bad).toEqual({ kind: "too_large" });
  const outcomes = await Promise.all([...before, ...after]);
  expect(outcomes).toEqual(Array.from({ length: 20 }, (_, index) => ({ kind: "done", value: String(index) })));
});

test("an owner whose runs are slow leaves a process to the others, however many of them wait", async () => {
  const sandbox = openSandbox();
  const spin = () => sandbox.run(testTask, { do: "spin", ms: 600_000 }, { ...ample, timeMs: 200 });
  expect(await spin()).toEqual({ kind: "too_slow" });
  let slowEnded = 0;
  const slow = Array.from({ length: 5 }, () => spin().then(() => slowEnded++));
  const others = Array.from({ length: 20 }, (_, index) =>
    sandbox.run(testTask, { do: "return", value: "ok" }, { ...ample, owner: `other ${index}` }),
  );
  await Promise.all(others);
  expect(slowEnded).toBeLessThan(5);
  await Promise.all(slow);
});

test("a process that holds much memory after its work is replaced", async () => {
  const sandbox = openSandbox({ processesMax: 1, heapMegabytesMax: 512 });
  const before = await processOf(sandbox);
  expect(await sandbox.run(testTask, { do: "keep", megabytes: 200 }, ample)).toEqual({ kind: "done", value: "kept" });
  expect(await processOf(sandbox)).not.toBe(before);
});
