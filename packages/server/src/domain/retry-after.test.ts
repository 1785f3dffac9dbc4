import { expect, test } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const now = Date.UTC(2026, 0, 1, 12, 0, 0);

test.each([
  ["120", 120_000],
  [" 5 ", 5_000],
  ["1.5", 1_500],
  ["1.2501", 1_251],
  ["0", 0],
  ["Thu, 01 Jan 2026 12:01:00 GMT", 60_000],
])("%j means %i ms", (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms);
});

test.each([
  [null],
  [""],
  ["soon"],
  ["-5"],
  ["1e9"],
  ["99999999999999999999"],
  ["Thu, 01 Jan 2026 11:59:59 GMT"],
  ["Thu, 01 Jan 2026 12:00:00 GMT"],
])("%j means nothing", (header) => {
  expect(retryAfterMs(header, now)).toBeNull();
});
