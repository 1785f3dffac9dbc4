import fc from "fast-check";
import { expect, test } from "vitest";
import { latencyEndsMs, latencyOf, percentileMs } from "./latency.ts";

function countsOf(durations: readonly number[]): number[] {
  const counts = Array.from({ length: latencyEndsMs.length + 1 }, () => 0);
  for (const duration of durations) counts[latencyOf(duration)] = (counts[latencyOf(duration)] ?? 0) + 1;
  return counts;
}

test("each stretch begins where the one before ends, and one more takes what is longer than all", () => {
  expect(latencyOf(0)).toBe(0);
  for (const [index, end] of latencyEndsMs.entries()) {
    expect(latencyOf(end - 1)).toBe(index);
    expect(latencyOf(end)).toBe(index + 1);
  }
  expect(latencyOf(86_400_000)).toBe(latencyEndsMs.length);
});

test("no attempts have no percentile", () => {
  expect(percentileMs([], 0.5)).toBeNull();
  expect(percentileMs(countsOf([]), 0.5)).toBeNull();
});

test("a percentile lies in the stretch of the true one: exact below 4 ms, else within a factor of 1.42", () => {
  const durations = fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(durations, fc.constantFrom(0, 0.5, 0.9, 0.99, 1), (taken, share) => {
      const inOrder = taken.toSorted((a, b) => a - b);
      const exact = inOrder[Math.max(1, Math.ceil(taken.length * share)) - 1] ?? 0;
      const found = percentileMs(countsOf(taken), share) ?? -1;
      expect(latencyOf(found)).toBe(latencyOf(exact));
      if (exact < 4) expect(found).toBe(exact);
      expect(Math.max(found, exact)).toBeLessThanOrEqual(1.42 * Math.min(found, exact));
    }),
  );
});

test("a percentile within a stretch moves from its beginning to its end", () => {
  const counts = countsOf(Array.from({ length: 100 }, () => 100));
  const at = (share: number) => percentileMs(counts, share) ?? 0;
  expect([at(0), at(0.5), at(1)]).toEqual([91, 109, 127]);
});

test("what took longer than the last end is said to have taken that long", () => {
  expect(percentileMs(countsOf([10 * 65_536]), 0.5)).toBe(65_536);
});
