import fc from "fast-check";
import { expect, test } from "vitest";
import { idSource } from "./id.ts";
import {
  cancelJob,
  endAbandonedJob,
  endJob,
  isUnfinished,
  isUnfinishedJob,
  jobSeconds,
  newJob,
  type PendingJob,
  type RunningJob,
  type SyncJob,
  type SyncOutcome,
  startJob,
  syncJobStates,
} from "./sync-job.ts";

const newId = idSource(
  () => 0,
  (size) => new Uint8Array(size),
);
const pending: PendingJob = newJob({
  id: newId<"syncJob">(),
  organizationId: newId<"organization">(),
  sourceConnectionId: newId<"sourceConnection">(),
  syncId: newId<"sync">(),
  now: 100,
});
const running = startJob(pending, 200);
const cancelling: RunningJob = { ...running, state: "cancelling" };
const done: SyncOutcome = { kind: "done" };
const failed: SyncOutcome = { kind: "failed", reason: "The folder is gone." };
const cancelledOutcome: SyncOutcome = { kind: "cancelled" };

test("a new job is pending, with all counts zero", () => {
  const nothing = { inserted: 0, updated: 0, deleted: 0, skipped: 0, failed: 0, chunksWritten: 0 };
  expect(pending).toMatchObject({ state: "pending", createdAt: 100, counts: nothing });
});

test("a connection without jobs has none that is unfinished", () => {
  expect(isUnfinished(null)).toBe(false);
});

test("a started job runs from then on", () => {
  expect(running).toMatchObject({ state: "running", startedAt: 200, createdAt: 100 });
});

test("a running job ends with the outcome of its work, at that time", () => {
  expect(endJob(running, done, 300)).toMatchObject({ state: "completed", startedAt: 200, endedAt: 300 });
  expect(endJob(running, failed, 300)).toMatchObject({ state: "failed", error: "The folder is gone.", endedAt: 300 });
  expect(endJob(running, cancelledOutcome, 300)).toMatchObject({ state: "cancelled", endedAt: 300 });
});

test("a pending job that ends never began: it has no start, and cannot have completed", () => {
  expect(endJob(pending, failed, 300)).toMatchObject({ state: "failed", startedAt: null });
  expect(endJob(pending, cancelledOutcome, 300)).toMatchObject({ state: "cancelled", startedAt: null });
  expect(() => endJob(pending, done, 300)).toThrow("never started");
});

test("a cancel ends a pending job immediately and marks a running one, and a second cancel changes nothing", () => {
  expect(cancelJob(pending, 300)).toMatchObject({ state: "cancelled", startedAt: null, endedAt: 300 });
  expect(cancelJob(running, 300)).toEqual(cancelling);
  expect(cancelJob(cancelling, 300)).toEqual(cancelling);
});

test("an ended job cannot be cancelled", () => {
  for (const outcome of [done, failed, cancelledOutcome]) {
    expect(cancelJob(endJob(running, outcome, 300), 400)).toBeNull();
  }
});

test("a cancelling job ends cancelled, regardless of the outcome of its work", () => {
  for (const outcome of [done, failed, cancelledOutcome]) {
    expect(endJob(cancelling, outcome, 300).state).toBe("cancelled");
  }
});

test("after a crash, pending jobs stay pending, running ones fail, and cancelling ones are cancelled", () => {
  expect(endAbandonedJob(pending, 300)).toBeNull();
  expect(endAbandonedJob(running, 300)).toMatchObject({
    state: "failed",
    error: "The process that ran this job ended before the job did.",
  });
  expect(endAbandonedJob(cancelling, 300)).toMatchObject({ state: "cancelled" });
});

test("the duration of a job is from its start to its end, and zero if either is missing", () => {
  expect(jobSeconds(endJob(running, done, 2_700))).toBe(2.5);
  expect(jobSeconds(endJob(pending, failed, 2_700))).toBeNull();
  for (const job of [pending, running, cancelling]) expect(jobSeconds(job)).toBeNull();
});

test("a state that the types exclude throws", () => {
  expect(() => cancelJob({ ...pending, state: "lost" } as never, 1)).toThrow("the types exclude");
});

test("in any history, a job ends at most once and never leaves its final state", () => {
  const step = fc.constantFrom("start", "cancel", "done", "failed", "cancelled", "abandoned");
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let job: SyncJob = pending;
      let ends = 0;
      steps.forEach((name, at) => {
        const next = take(job, name, 1_000 + at);
        if (next !== null && isUnfinishedJob(job) && !isUnfinishedJob(next)) ends += 1;
        if (next !== null && !isUnfinishedJob(job)) expect(next).toEqual(job);
        job = next ?? job;
      });
      expect(ends).toBe(isUnfinished(job.state) ? 0 : 1);
      expect(syncJobStates).toContain(job.state);
    }),
  );
});

function take(job: SyncJob, step: string, now: number): SyncJob | null {
  if (step === "cancel") return cancelJob(job, now);
  if (!isUnfinishedJob(job)) return null;
  if (step === "start") return job.state === "pending" ? startJob(job, now) : null;
  if (step === "abandoned") return endAbandonedJob(job, now);
  if (step === "done" && job.state === "pending") return null;
  return endJob(job, { done, failed, cancelled: cancelledOutcome }[step as "done"], now);
}
