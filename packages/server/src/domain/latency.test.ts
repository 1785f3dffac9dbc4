import fc from "fast-check";
import { expect, test } from "vitest";
import { latencyEndsMs, latencyOf, percentileMs } from "./latency.ts";

function countsOf(durations: readonly number[]): number[] {
  const counts = Array.from({ length: latencyEndsMs.length + 1 }, () => 0);
  for (const duration of durations) counts[latencyOf(duration)] = (counts[latencyOf(duration)] ?? 0) + 1;
  return counts;
}

test("each latency class begins where the previous one ends, and the last one has no upper bound", () => {
  expect(latencyOf(0)).toBe(0);
  for (const [index, end] of latencyEndsMs.entries()) {
    expect(latencyOf(end - 1)).toBe(index);
    expect(latencyOf(end)).toBe(index + 1);
  }
  expect(latencyOf(86_400_000)).toBe(latencyEndsMs.length);
});

test("zero attempts have no percentile", () => {
  expect(percentileMs([], 0.5)).toBeNull();
  expect(percentileMs(countsOf([]), 0.5)).toBeNull();
});

test("a percentile is in the class of the true one: exact below 4 ms, otherwise within a factor of 1.42", () => {
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

test("a percentile within a class is interpolated from its beginning to its end", () => {
  const counts = countsOf(Array.from({ length: 100 }, () => 100));
  const at = (share: number) => percentileMs(counts, share) ?? 0;
  expect([at(0), at(0.5), at(1)]).toEqual([91, 109, 127]);
});

test("durations beyond the last bound are reported as that bound", () => {
  expect(percentileMs(countsOf([10 * 65_536]), 0.5)).toBe(65_536);
});
