import fc from "fast-check";
import { expect, test } from "vitest";
import { logLine } from "./log-line.ts";

const failed = {
  level: "warn",
  time: "2026-01-15T14:30:00.000Z",
  event: "attempt finished",
  messageId: "m1",
  subscriptionId: "s1",
  attempt: 2,
  became: "due",
  tookMs: 12.4,
} as const;

test("a failed attempt is one sentence with its result, its consequence and its ids", () => {
  expect(logLine({ ...failed, outcome: "rejected", status: 503 })).toBe(
    "attempt 2 failed: HTTP 503 after 12 ms; it will be retried  message=m1  subscription=s1",
  );
  const unreachable = { outcome: "unreachable", reason: "connect", detail: "It was refused.", became: "failed" };
  expect(logLine({ ...failed, ...unreachable, linesLeftOut: 7 })).toBe(
    'attempt 2 failed: connect ("It was refused.") after 12 ms; no retries are left  message=m1  subscription=s1' +
      "  (7 similar lines were left out)",
  );
});

test("every other entry is its event and its fields", () => {
  const { event, ...rest } = { level: "info", time: "now", event: "started", url: "http://127.0.0.1:1", count: 3 };
  expect(logLine({ event, ...rest, error: "two words", stack: "Error\n  at x" })).toBe(
    'started  url=http://127.0.0.1:1  count=3  error="two words"',
  );
});

test("no text of an entry adds a line, moves the cursor or changes the direction of writing", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(text, text, fc.constantFrom("started", "attempt finished"), (detail, reason, event) => {
      const line = logLine({
        ...failed,
        event,
        outcome: "unreachable",
        detail,
        error: { [detail]: detail },
        reason,
      });
      expect(line).not.toMatch(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u);
    }),
  );
});
