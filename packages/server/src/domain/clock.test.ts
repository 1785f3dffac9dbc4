import { expect, test } from "vitest";
import { loop, untilNextLook } from "./clock.ts";

test("a loop pauses as long as each turn requests, never overlaps itself, and ends with its signal", async () => {
  const stop = new AbortController();
  const rests: number[] = [];
  let turns = 0;
  let isInside = false;
  const clock = { now: () => 0, sleep: async (ms: number) => void rests.push(ms) };
  await loop(clock, stop.signal, async () => {
    expect(isInside).toBe(false);
    isInside = true;
    await Promise.resolve();
    isInside = false;
    turns += 1;
    if (turns === 3) stop.abort();
    return turns * 10;
  });
  expect([turns, rests]).toEqual([3, [10, 20, 30]]);
});

test("the next looks of loops with the same interval fall on the same time, whenever they ask", () => {
  for (const now of [0, 1, 499, 999, 1_000, 123_456_789]) {
    const rest = untilNextLook(now, 1_000);
    expect((now + rest) % 1_000).toBe(0);
    expect(rest).toBeGreaterThan(0);
    expect(rest).toBeLessThanOrEqual(1_000);
  }
});
