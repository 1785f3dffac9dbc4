import { expect, test } from "vitest";
import { isStale, type SyncHistory } from "./freshness.ts";
import { limits } from "./limits.ts";

const daily = { schedule: { cron: "0 6 * * *", timeZone: "UTC" }, pausedAt: null, nextRunAt: 5_000 };
const unscheduled = { schedule: null, pausedAt: null, nextRunAt: null };
const done: SyncHistory = { lastJob: "completed", lastSuccessAt: 1_000, dueAfterSuccessAt: null };
const late = 2_000 + limits.staleAfterMs;

test("a connection without a completed sync is stale, even while its first job runs", () => {
  expect(isStale(unscheduled, { lastJob: null, lastSuccessAt: null, dueAfterSuccessAt: null }, late)).toBe(true);
  expect(isStale(unscheduled, { lastJob: "running", lastSuccessAt: null, dueAfterSuccessAt: null }, late)).toBe(true);
});

test("a connection whose last job failed is stale until another completes, and a cancelled job changes nothing", () => {
  expect(isStale(unscheduled, { ...done, lastJob: "failed" }, late)).toBe(true);
  for (const lastJob of ["pending", "running", "cancelling", "cancelled", "completed"] as const) {
    expect(isStale(unscheduled, { ...done, lastJob }, late)).toBe(false);
  }
});

test("a scheduled connection is stale when a sync is overdue for long enough, unless it is paused", () => {
  const missed = { ...done, dueAfterSuccessAt: 2_000 };
  expect(isStale(daily, missed, late - 1)).toBe(false);
  expect(isStale(daily, missed, late)).toBe(true);
  expect(isStale(daily, { ...missed, lastJob: "running" }, late)).toBe(true);
  expect(isStale({ ...daily, pausedAt: 1 }, missed, late)).toBe(false);
  expect(isStale(daily, done, late)).toBe(false);
});

test("a continuous connection is stale when a change has waited for long enough", () => {
  const continuous = { schedule: { continuous: true } as const, pausedAt: null, nextRunAt: 2_000 };
  expect(isStale(continuous, done, late - 1)).toBe(false);
  expect(isStale(continuous, done, late)).toBe(true);
  expect(isStale({ ...continuous, nextRunAt: null }, done, late)).toBe(false);
  expect(isStale({ ...continuous, pausedAt: 1 }, done, late)).toBe(false);
});
