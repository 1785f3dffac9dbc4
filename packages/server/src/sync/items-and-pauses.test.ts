import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { ManualClock } from "../delivery/fixtures/manual-clock.ts";
import { itemsAndPauses } from "./items-and-pauses.ts";

const clock = new ManualClock(0);

test("items are passed on in order, until the source ends", async () => {
  async function* numbers() {
    yield 1;
    yield 2;
  }
  const seen: unknown[] = [];
  for await (const item of itemsAndPauses(numbers(), clock, new AbortController().signal)) seen.push(item);
  expect(seen).toEqual([1, 2]);
});

test("a hanging source is abandoned when the signal aborts, with the signal's reason", async () => {
  const stop = new AbortController();
  async function* hanging() {
    yield 1;
    await new Promise(() => {});
    yield 2;
  }
  const items = itemsAndPauses(hanging(), clock, stop.signal);
  expect((await items.next()).value).toBe(1);
  const next = items.next();
  stop.abort("enough");
  await expect(next).rejects.toBe("enough");
});

test("a source that is abandoned early is asked to clean up", async () => {
  let isClean = false;
  async function* tidy() {
    try {
      for (;;) yield 1;
    } finally {
      isClean = true;
    }
  }
  for await (const _ of itemsAndPauses(tidy(), clock, new AbortController().signal)) break;
  expect(isClean).toBe(true);
});

test("an error of a source is passed on, and nothing is read after the signal has aborted", async () => {
  async function* failing(): AsyncGenerator<number> {
    yield await Promise.reject(new Error("no"));
  }
  await expect(itemsAndPauses(failing(), clock, new AbortController().signal).next()).rejects.toThrow("no");
  await expect(itemsAndPauses(failing(), clock, AbortSignal.abort("late")).next()).rejects.toBe("late");
});

test("while a source yields nothing there are pauses, with the time since the last item", async () => {
  const time = new ManualClock(0);
  const { promise, resolve } = Promise.withResolvers<void>();
  async function* slow() {
    yield "first";
    await promise;
    yield "second";
  }
  const items = itemsAndPauses(slow(), time, new AbortController().signal);
  expect((await items.next()).value).toBe("first");
  // The time that the reader takes for an item does not count as silence of the source.
  time.advance(60_000);
  await nextTurn();
  for (const silentMs of [1_000, 2_000]) {
    const next = items.next();
    await nextTurn();
    time.advance(1_000);
    expect((await next).value).toEqual({ kind: "pause", silentMs });
  }
  const second = items.next();
  resolve();
  expect((await second).value).toBe("second");
  await items.return(undefined);
});

test("a machine that sleeps for any time adds one pause to a source's silence", async () => {
  const time = new ManualClock(0);
  async function* silent() {
    await new Promise(() => {});
    yield 1;
  }
  const stop = new AbortController();
  const items = itemsAndPauses(silent(), time, stop.signal);
  for (const [sleptMs, silentMs] of [
    [1_000, 1_000],
    [3_600_000, 2_000],
    [1_000, 3_000],
  ]) {
    const next = items.next();
    await nextTurn();
    time.advance(sleptMs ?? 0);
    expect((await next).value).toEqual({ kind: "pause", silentMs });
  }
  const last = items.next();
  stop.abort("enough");
  await expect(last).rejects.toBe("enough");
});

test("an error of a source after it was abandoned is ignored", async () => {
  const stop = new AbortController();
  const { promise, reject } = Promise.withResolvers<void>();
  async function* failing() {
    yield 1;
    await promise;
  }
  const items = itemsAndPauses(failing(), clock, stop.signal);
  await items.next();
  const next = items.next();
  stop.abort("enough");
  await expect(next).rejects.toBe("enough");
  reject(new Error("late"));
  await nextTurn();
});
