import { expect, test } from "vitest";
import { readRetryAfter, retryDelayMs } from "./retry.ts";

const now = Date.parse("2026-01-15T14:30:00Z");

test("delays grow with each try up to eight seconds", () => {
  const policy = { retriesMax: 10, random: () => 1 };
  const waits = [1, 2, 3, 4, 5, 6, 7].map((tries) => retryDelayMs(policy, tries, null));
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000]);
});

test("half of a delay is random", () => {
  expect(retryDelayMs({ retriesMax: 3, random: () => 0 }, 1, null)).toBe(125);
  expect(retryDelayMs({ retriesMax: 3, random: () => 0.5 }, 1, null)).toBe(188);
});

test("there are as many delays as retries", () => {
  const policy = { retriesMax: 2, random: () => 0 };
  expect([1, 2, 3].map((tries) => retryDelayMs(policy, tries, null) !== null)).toEqual([true, true, false]);
});

test("Retry-After lengthens a delay, never shortens it, and ends the tries above a minute", () => {
  const policy = { retriesMax: 3, random: () => 1 };
  expect(retryDelayMs(policy, 1, 5_000)).toBe(5_000);
  expect(retryDelayMs(policy, 1, 0)).toBe(250);
  expect(retryDelayMs(policy, 1, 60_000)).toBe(60_000);
  expect(retryDelayMs(policy, 1, 60_001)).toBeNull();
});

test("Retry-After is read as seconds or as a date", () => {
  expect(readRetryAfter("120", now)).toBe(120_000);
  expect(readRetryAfter("Thu, 15 Jan 2026 14:30:20 GMT", now)).toBe(20_000);
  expect(readRetryAfter("Thu, 15 Jan 2026 14:00:00 GMT", now)).toBe(0);
  expect(readRetryAfter("Thursday, 15-Jan-26 14:30:20 GMT", now)).toBe(20_000);
  expect(readRetryAfter("Thu Jan 15 14:30:20 2026", now)).toBe(20_000);
  for (const text of ["soon", "2026-01-15", "Thu, 15 Jan 2026 14:30:20", "-5", ""]) {
    expect(readRetryAfter(text, now), text).toBeNull();
  }
  expect(readRetryAfter(null, now)).toBeNull();
});
