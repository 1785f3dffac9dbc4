import type { StreamItem, StreamMessage } from "@weft/sdk";
import { expect, test } from "vitest";
import { queryOf, TailFilter } from "./tail-filter.ts";

const all = { eventTypes: null, status: null, subscriptionId: undefined };

function message(id: string, eventType = "sync.completed"): StreamItem {
  const timestamp = "2026-01-15T14:30:00Z";
  const data: StreamMessage = { id, event_type: eventType, timestamp, channels: [], event_id: null, tags: null };
  return { event: "message", id: "1", data };
}

test("a repeated item is printed once, in any order of repetition", () => {
  const filter = new TailFilter(all);
  const let_ = ["a", "b", "a", "c", "b", "c"].filter((id) => filter.lets(message(id)));
  expect(let_).toEqual(["a", "b", "c"]);
});

test("Weft filters by event type, and a status selects attempts", () => {
  expect(queryOf(all).event_types).toBeUndefined();
  expect(queryOf({ ...all, eventTypes: ["a.b", "c.*"] }).event_types).toEqual(["a.b", "c.*"]);
  expect(queryOf({ ...all, status: "failed" }).events).toEqual(["attempt"]);
});

test("a gap is always printed", () => {
  const gap: StreamItem = { event: "gap", id: "1", data: { from: "2026-01-15T14:30:00Z", detail: "kept no longer" } };
  expect(new TailFilter({ ...all, status: "failed" }).lets(gap)).toBe(true);
});
