import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { ReceivedEvent } from "../received-event.ts";
import { AuditTrail } from "./audit-trail.ts";
import { freshnessTimeline } from "./freshness-timeline.ts";

const noon = Date.UTC(2026, 0, 15, 12);

function at(minute: number): Date {
  return new Date(noon + minute * 60_000);
}

let lastId = 0;

function record(
  trail: AuditTrail,
  type: string,
  minute: number,
  more: Record<string, unknown> = {},
  id = `msg_${++lastId}`,
): void {
  const event = {
    event_type: type,
    source_type: "slack",
    source_connection_id: "slack-1",
    collection_readable_id: "team",
    job_id: "job-1",
    timestamp: at(minute).toISOString(),
    ...more,
  } as unknown as ReceivedEvent;
  trail.record(event, { messageId: id, timestamp: at(minute), text: JSON.stringify(event) });
}

function trail(): AuditTrail {
  return new AuditTrail(new DatabaseSync(":memory:"));
}

test("the last successful sync of a source is returned with the event that proves it", () => {
  const kept = trail();
  record(kept, "sync.completed", 0);
  record(kept, "sync.completed", 10, {}, "msg_shown");
  record(kept, "sync.failed", 20);
  record(kept, "sync.completed", 30, { source_type: "github" });
  expect(kept.lastSuccess({ source: "slack" })).toMatchObject({ messageId: "msg_shown", at: at(10).toISOString() });
  expect(kept.lastSuccess({ source: "notion" })).toBeNull();
});

test("the duration of a sync is measured from its beginning to its end, even when events are repeated or out of order", () => {
  const kept = trail();
  record(kept, "sync.completed", 4, { job_id: "a" }, "msg_end");
  record(kept, "sync.running", 1, { job_id: "a" });
  record(kept, "sync.completed", 4, { job_id: "a" }, "msg_end");
  record(kept, "sync.failed", 6, { job_id: "b" });
  record(kept, "sync.running", 7, { job_id: "c" });
  expect(kept.syncs()).toMatchObject([
    { jobId: "a", outcome: "completed", durationMs: 180_000 },
    { jobId: "b", outcome: "failed", durationMs: null, startedAt: null },
    { jobId: "c", outcome: null, endedAt: null },
  ]);
  expect(kept.events()).toHaveLength(4);
});

test("whether a context was current at a time is returned with the evidence, source by source", () => {
  const kept = trail();
  record(kept, "sync.completed", 0);
  record(kept, "sync.completed", 5, { source_type: "github", source_connection_id: "github-1" });
  record(kept, "sync.failed", 60);
  record(kept, "sync.completed", 90);
  expect(kept.wasCurrent("team", at(30)).isCurrent).toBe(true);
  expect(kept.wasCurrent("team", at(30), { maxAgeMs: 20 * 60_000 }).isCurrent).toBe(false);
  const failing = kept.wasCurrent("team", at(70));
  expect(failing.isCurrent).toBe(false);
  expect(failing.sources.find(({ sourceConnectionId }) => sourceConnectionId === "slack-1")).toMatchObject({
    isCurrent: false,
    lastCompleted: { at: at(0).toISOString() },
    failedSince: { at: at(60).toISOString() },
    ageMs: 70 * 60_000,
  });
  expect(kept.wasCurrent("team", at(95)).isCurrent).toBe(true);
  expect(kept.wasCurrent("nothing", at(95))).toEqual({ isCurrent: false, sources: [] });
});

test("an event without a time is stored under that of its delivery, with all its fields", () => {
  const kept = trail();
  record(kept, "acme.sold", 3, { timestamp: "soon", amount: 12 });
  expect(kept.events({ since: at(3), until: at(4) })).toMatchObject([
    { eventType: "acme.sold", event: { amount: 12 } },
  ]);
});

test("CSV escapes quotes, line breaks and formulas of spreadsheets", () => {
  const kept = trail();
  record(kept, "sync.completed", 0, { source_type: '=HYPERLINK("x")', collection_readable_id: 'a"b\r\nc' }, "msg_csv");
  expect(kept.csv()).toBe(
    "at,messageId,eventType,collectionReadableId,sourceType,sourceConnectionId,jobId\r\n" +
      `${at(0).toISOString()},msg_csv,sync.completed,"a""b\r\nc","'=HYPERLINK(""x"")",slack-1,job-1\r\n`,
  );
});

test("the timeline draws a bar for each sync that ended in its window, and markup in names stays text", () => {
  const kept = trail();
  record(kept, "sync.running", 1, { job_id: "a", source_type: "<script>" });
  record(kept, "sync.completed", 4, { job_id: "a", source_type: "<script>" });
  record(kept, "sync.failed", 30, { job_id: "b", source_type: "<script>" });
  record(kept, "sync.completed", 500, { job_id: "late" });
  const svg = freshnessTimeline(kept.syncs(), { from: at(0), until: at(60) });
  expect(svg.match(/<rect /g)).toHaveLength(2);
  expect(svg).toContain("&lt;script&gt;");
  expect(svg).not.toContain("<script>");
  expect(() => freshnessTimeline([], { from: at(1), until: at(1) })).toThrow(TypeError);
});
