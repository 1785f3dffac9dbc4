import type { StreamAttempt } from "@weft/sdk";
import { expect, test } from "vitest";
import { factOf, lineOf } from "./tail-lines.ts";

const attempt: StreamAttempt = {
  ...{ id: "atmpt_1", message_id: "m1", event_type: "sync.failed", url: "http://x/", status: "failed" },
  ...{
    response_status_code: 0,
    response_headers_truncated: false,
    error: "dns: no such host",
    timestamp: "2026-01-15T14:30:00Z",
    duration_ms: 3,
  },
  ...{ attempt_number: 2, trigger: "scheduled", next_attempt_at: "2026-01-15T14:30:05Z", subscription_id: "s1" },
};

test("an attempt without a response shows its reason, its number, and the time of the next one", () => {
  const line = lineOf({ event: "attempt", id: "1", data: attempt });
  expect(line).toMatch(
    /attempt {2}sync\.failed {2}m1 {2}→ http:\/\/x\/ {2}.*dns: no such host.*, attempt 2, retry at \d/,
  );
});

test("no text from outside moves the cursor, or looks like another line", () => {
  const hostile = "\x1b[2J\r\n\u202ea\x07";
  const lines = [
    lineOf({ event: "attempt", id: "1", data: { ...attempt, event_type: hostile, url: hostile, error: hostile } }),
    lineOf({
      event: "message",
      id: "1",
      data: { id: "m1", event_type: hostile, timestamp: attempt.timestamp, channels: [], event_id: null, tags: null },
    }),
    lineOf({ event: "gap", id: "1", data: { from: attempt.timestamp, detail: hostile } }),
  ];
  for (const line of lines) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of the line itself are taken off.
    expect(line.replaceAll(/\x1b\[\d+m/g, "")).toMatch(/^[^\p{Cc}\u202e]*$/u);
  }
});

test("a program gets all fields of the stream", () => {
  expect(factOf({ event: "attempt", id: "1", data: attempt })).toEqual({ event: "attempt", ...attempt });
});
