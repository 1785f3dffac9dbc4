import { EventEmitter } from "node:events";
import type { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { Disk } from "./disk.ts";

/** Waits for the disk `waits` times, and counts the threads that were started. */
async function starts(waits: number, isCommitting: { atBegin: boolean; atEnd: boolean }): Promise<number> {
  let started = 0;
  const writer = Object.assign(new EventEmitter(), { postMessage: () => {} }) as unknown as Worker;
  const disk = new Disk(writer, () => {
    started += 1;
    // It never becomes ready.
    return new Promise(() => {});
  });
  for (let count = 0; count < waits; count++) {
    let isBegun = false;
    const synced = disk.sync(() => (isBegun ? isCommitting.atEnd : isCommitting.atBegin));
    isBegun = true;
    disk.synced({ synced: { ok: true, value: null } });
    await synced;
  }
  return started;
}

test.each([
  { atBegin: true, atEnd: false },
  { atBegin: false, atEnd: true },
])("a thread starts after 16 waits with a batch under way at their beginning or end: %j", async (committing) => {
  expect([await starts(15, committing), await starts(40, committing)]).toEqual([0, 1]);
});

test("no thread starts while no batch is under way during a wait", async () => {
  expect(await starts(40, { atBegin: false, atEnd: false })).toBe(0);
});
