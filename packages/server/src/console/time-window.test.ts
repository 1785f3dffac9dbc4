import { expect, test } from "vitest";
import { timeIn, windowQuery } from "./time-window.ts";

const now = Date.UTC(2026, 0, 15, 12);

test("a distance is counted back from now, a time is kept, and other texts are ignored", () => {
  expect(timeIn("90m", now)).toBe(now - 90 * 60_000);
  expect(timeIn("24h", now)).toBe(now - 24 * 3_600_000);
  expect(timeIn("7d", now)).toBe(now - 7 * 86_400_000);
  expect(timeIn("2026-01-15T11:00:00Z", now)).toBe(now - 3_600_000);
  for (const text of [undefined, "", "yesterday", "-1h", "1w", "h"]) expect(timeIn(text, now)).toBeUndefined();
});

test("a window is sent as ISO times, without its open ends", () => {
  expect(windowQuery({ since: "1h" }, now)).toEqual({ since: "2026-01-15T11:00:00.000Z" });
  expect(windowQuery({ until: "1h" }, now)).toEqual({ until: "2026-01-15T11:00:00.000Z" });
  expect(windowQuery({}, now)).toEqual({});
});
