// One run of a sync. A job is created pending; starting it makes it running. It ends exactly once, in completed,
// failed or cancelled, and each of these, like pending and running, is announced by one event in the same commit.
//
//   pending ──start──▶ running ──complete──▶ completed
//      │                  │ ────fail───────▶ failed
//      │                  └──cancel──▶ cancelling ──(any end)───────────▶ cancelled
//      ├──cancel──▶ cancelled                  A job whose node died: pending is run, running has failed,
//      └──fail────▶ failed                     cancelling is cancelled
//
// The response to a cancel promises it: a cancelling job ends cancelled even when its last entity was read meanwhile.

import { assertNever } from "./assert-never.ts";
import type { OrganizationId, SourceConnectionId, SyncId, SyncJobId } from "./id.ts";

export const syncJobStates = ["pending", "running", "cancelling", "completed", "failed", "cancelled"] as const;
export type SyncJobState = (typeof syncJobStates)[number];
export type UnfinishedState = "pending" | "running" | "cancelling";
export type FinalState = "completed" | "failed" | "cancelled";

/** The counts of a job so far. A job counts each entity once. */
export interface SyncCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** They are unchanged since the last job. */
  readonly skipped: number;
  /** They could not be read; their stored versions are kept. */
  readonly failed: number;
  readonly chunksWritten: number;
}

export const noCounts: SyncCounts = { inserted: 0, updated: 0, deleted: 0, skipped: 0, failed: 0, chunksWritten: 0 };

interface JobBase {
  readonly id: SyncJobId;
  readonly organizationId: OrganizationId;
  readonly sourceConnectionId: SourceConnectionId;
  readonly syncId: SyncId;
  readonly createdAt: number;
  /** Whether the job ignores the stored cursor and reads the whole source again. */
  readonly readsEverything: boolean;
  readonly counts: SyncCounts;
}

/** Why the credentials of a connection were refused. The names are Airweave's. */
export const errorCategories = ["oauth_credentials_expired", "api_key_invalid"] as const;
export type ErrorCategory = (typeof errorCategories)[number];

export type PendingJob = JobBase & { readonly state: "pending" };
export type RunningJob = JobBase & { readonly state: "running" | "cancelling"; readonly startedAt: number };
export type UnfinishedJob = PendingJob | RunningJob;
/** `startedAt` is null when the job ended before it started. */
export type FinishedJob = JobBase & { readonly startedAt: number | null; readonly endedAt: number } & (
    | { readonly state: "completed" | "cancelled" }
    | { readonly state: "failed"; readonly error: string; readonly errorCategory: ErrorCategory | null }
  );
export type SyncJob = UnfinishedJob | FinishedJob;

/** The result of a job's work. */
export type SyncOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly reason: string; readonly category?: ErrorCategory }
  | { readonly kind: "cancelled" };

/** Whether a job has not ended. `null` means that there was never a job. */
export function isUnfinished(state: SyncJobState | null): state is UnfinishedState {
  return state === "pending" || state === "running" || state === "cancelling";
}

export function newJob(params: {
  id: SyncJobId;
  organizationId: OrganizationId;
  sourceConnectionId: SourceConnectionId;
  syncId: SyncId;
  now: number;
  readsEverything?: boolean;
}): PendingJob {
  const { now, readsEverything = false, ...base } = params;
  return { ...base, state: "pending", createdAt: now, readsEverything, counts: noCounts };
}

export function startJob(job: PendingJob, now: number): RunningJob & { readonly state: "running" } {
  return { ...job, state: "running", startedAt: now };
}

/** The state of a job after a request to cancel it; null when it has already ended. A repeated request changes nothing. */
export function cancelJob(job: SyncJob, now: number): FinishedJob | RunningJob | null {
  switch (job.state) {
    case "pending":
      return { ...job, state: "cancelled", startedAt: null, endedAt: now };
    case "running":
    case "cancelling":
      return { ...job, state: "cancelling" };
    case "completed":
    case "failed":
    case "cancelled":
      return null;
    default:
      return assertNever(job);
  }
}

/** Ends a job. A cancelling job ends cancelled, and a job that never started cannot complete. */
export function endJob(job: UnfinishedJob, outcome: SyncOutcome, now: number): FinishedJob {
  const ended = { ...job, startedAt: job.state === "pending" ? null : job.startedAt, endedAt: now };
  if (job.state === "cancelling" || outcome.kind === "cancelled") return { ...ended, state: "cancelled" };
  if (outcome.kind === "failed") {
    return { ...ended, state: "failed", error: outcome.reason, errorCategory: outcome.category ?? null };
  }
  if (job.state === "pending") throw new Error(`The job ${job.id} cannot complete: it never started.`);
  return { ...ended, state: "completed" };
}

/** The state of a job whose process died; null for a pending job, which simply runs. */
export function endAbandonedJob(job: UnfinishedJob, now: number): FinishedJob | null {
  if (job.state === "pending") return null;
  return endJob(job, { kind: "failed", reason: "The process that ran this job ended before the job did." }, now);
}

/** How long the job ran, in seconds; null until it has ended, and when it never started. */
export function jobSeconds(job: SyncJob): number | null {
  if (isUnfinishedJob(job) || job.startedAt === null) return null;
  return (job.endedAt - job.startedAt) / 1000;
}

export function isUnfinishedJob(job: SyncJob): job is UnfinishedJob {
  return isUnfinished(job.state);
}
