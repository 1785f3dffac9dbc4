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
  ["Thursday, 01-Jan-26 12:01:00 GMT", 60_000],
  ["Thu Jan  1 12:01:00 2026", 60_000],
  ["Sat Jan 10 12:00:00 2026", 9 * 86_400_000],
  ["Thu, 01 Jan 2026 23:59:60 GMT", 12 * 3_600_000],
  ["Saturday, 01-Jan-72 12:00:00 GMT", Date.UTC(2072, 0, 1, 12) - now],
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
  ["Saturday, 01-Jan-77 12:00:00 GMT"],
  ["Sun Nov  6 08:49:37 1994"],
  ["2026-01-01T12:01:00Z"],
  ["Thu, 1 Jan 2026 12:01:00 GMT"],
  ["Thu, 01 Jan 2026 12:01:00 +0100"],
  ["Thu, 01 Jan 2026 12:01:00"],
  ["Mon, 30 Feb 2026 12:01:00 GMT"],
  ["Thu, 01 Jan 2026 24:00:00 GMT"],
  ["Thu Jan 1 12:01:00 2026"],
  ["tomorrow, please"],
])("%j is ignored", (header) => {
  expect(retryAfterMs(header, now)).toBeNull();
});

test("an HTTP-date is in UTC, in any time zone of the machine", () => {
  const zone = process.env.TZ;
  try {
    for (const other of ["America/New_York", "Asia/Kolkata", "Pacific/Auckland"]) {
      process.env.TZ = other;
      for (const text of [
        "Thu, 01 Jan 2026 12:01:00 GMT",
        "Thursday, 01-Jan-26 12:01:00 GMT",
        "Thu Jan  1 12:01:00 2026",
      ]) {
        expect(retryAfterMs(text, now), `${text} in ${other}`).toBe(60_000);
      }
    }
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});
