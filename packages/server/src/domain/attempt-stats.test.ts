import { expect, test } from "vitest";
import { statsOf, stepFor } from "./attempt-stats.ts";
import { latencyOf } from "./latency.ts";

const none = { no_response: 0, other: 0, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0 };
const minute = 60_000;
const day = 1_440 * minute;

test("attempts are added up by outcome, and percentiles cover both outcomes", () => {
  const counted = [
    { statusClass: "2xx", latency: latencyOf(1), attempts: 5 },
    { statusClass: "4xx", latency: latencyOf(2), attempts: 3 },
    { statusClass: "no_response", latency: latencyOf(2), attempts: 1 },
    { statusClass: "2xx", latency: latencyOf(3), attempts: 1 },
  ] as const;
  expect(statsOf(counted)).toEqual({
    attempts: 10,
    succeeded: 6,
    failed: 4,
    byStatus: { ...none, "2xx": 6, "4xx": 3, no_response: 1 },
    durationMs: { p50: 1, p90: 2, p99: 3 },
  });
});

test("without attempts every count and duration is zero", () => {
  expect(statsOf([])).toEqual({ attempts: 0, succeeded: 0, failed: 0, byStatus: none, durationMs: null });
});

test("a step divides a window into at most sixty parts, and is a familiar length", () => {
  expect(stepFor(0)).toBe(minute);
  expect(stepFor(60 * minute)).toBe(minute);
  expect(stepFor(60 * minute + 1)).toBe(2 * minute);
  expect(stepFor(day)).toBe(30 * minute);
  expect(stepFor(7 * day)).toBe(180 * minute);
  expect(stepFor(90 * day)).toBe(2 * day);
  expect(stepFor(60 * 30 * day)).toBe(30 * day);
  expect(stepFor(60 * 30 * day + 1)).toBe(31 * day);
});
