import { expect, test } from "vitest";
import { untilAborted } from "./until-aborted.ts";

test("items come through in order, and the end ends it", async () => {
  async function* numbers() {
    yield 1;
    yield 2;
  }
  const seen: number[] = [];
  for await (const item of untilAborted(numbers(), new AbortController().signal)) seen.push(item);
  expect(seen).toEqual([1, 2]);
});

test("a source that hangs is left when the signal aborts, with the signal's reason", async () => {
  const stop = new AbortController();
  async function* hanging() {
    yield 1;
    await new Promise(() => {});
    yield 2;
  }
  const items = untilAborted(hanging(), stop.signal);
  expect((await items.next()).value).toBe(1);
  const next = items.next();
  stop.abort("enough");
  await expect(next).rejects.toBe("enough");
});

test("a source that is left early is told to clean up", async () => {
  let isClean = false;
  async function* tidy() {
    try {
      for (;;) yield 1;
    } finally {
      isClean = true;
    }
  }
  for await (const _ of untilAborted(tidy(), new AbortController().signal)) break;
  expect(isClean).toBe(true);
});

test("what a source throws comes through, and nothing is read once the signal has aborted", async () => {
  async function* failing(): AsyncGenerator<number> {
    yield await Promise.reject(new Error("no"));
  }
  await expect(untilAborted(failing(), new AbortController().signal).next()).rejects.toThrow("no");
  await expect(untilAborted(failing(), AbortSignal.abort("late")).next()).rejects.toBe("late");
});
