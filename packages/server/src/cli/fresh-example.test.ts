import { expect, test } from "vitest";
import { freshExample } from "./fresh-example.ts";

const now = new Date("2026-01-15T14:30:00.123Z");
const jobId = "550e8400-e29b-41d4-a716-446655440000";
const collectionId = "770e8400-e29b-41d4-a716-446655440002";

test("ids are new, and equal ids stay equal", () => {
  const example = { sync_job_id: jobId, job_id: jobId, collection_id: collectionId, others: [collectionId] };
  const fresh = freshExample(example, now) as typeof example;
  expect(fresh.sync_job_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(fresh.sync_job_id).not.toBe(jobId);
  expect(fresh.job_id).toBe(fresh.sync_job_id);
  expect(fresh.others).toEqual([fresh.collection_id]);
  expect(freshExample(example, now).job_id).not.toBe(fresh.job_id);
});

test("a readable id keeps its words", () => {
  const fresh = freshExample({ collection_readable_id: "sales-data-ab123" }, now);
  expect(fresh.collection_readable_id).toMatch(/^sales-data-[a-z0-9]{5}$/);
  expect(fresh.collection_readable_id).not.toBe("sales-data-ab123");
});

test("the timestamp is the current time, and all other fields stay", () => {
  const example = { event_type: "sync.failed", status: "failed", entities_inserted: 42, error: null };
  expect(freshExample({ ...example, timestamp: "2025-01-15T14:30:00Z" }, now)).toEqual({
    ...example,
    timestamp: "2026-01-15T14:30:00.123Z",
  });
});
