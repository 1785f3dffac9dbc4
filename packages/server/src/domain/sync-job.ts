// One run of a sync. A job is created pending; whoever starts it makes it running. It ends exactly once, in completed,
// failed or cancelled, and each of these, like pending and running, is announced by one event in the same commit.
//
//   pending ──start──▶ running ──complete──▶ completed
//      │                  │ ────fail───────▶ failed
//      │                  └──cancel──▶ cancelling ──(whatever its end)──▶ cancelled
//      ├──cancel──▶ cancelled                  a job that nobody runs any more: pending is run, running has failed,
//      └──fail────▶ failed                     cancelling is cancelled
//
// Who asked for a cancel was told so: a cancelling job ends cancelled even when its last entity was read meanwhile.

import { assertNever } from "./assert-never.ts";
import type { OrganizationId, SourceConnectionId, SyncId, SyncJobId } from "./id.ts";

export const syncJobStates = ["pending", "running", "cancelling", "completed", "failed", "cancelled"] as const;
export type SyncJobState = (typeof syncJobStates)[number];
export type UnfinishedState = "pending" | "running" | "cancelling";
export type FinalState = "completed" | "failed" | "cancelled";

/** What a job did so far. An entity counts once in a job. */
export interface SyncCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** Unchanged since the last job. */
  readonly skipped: number;
  /** Could not be read; what was stored of them stays. */
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
  readonly counts: SyncCounts;
}

export type PendingJob = JobBase & { readonly state: "pending" };
export type RunningJob = JobBase & { readonly state: "running" | "cancelling"; readonly startedAt: number };
export type UnfinishedJob = PendingJob | RunningJob;
/** `startedAt` is null when the job ended before it began. */
export type FinishedJob = JobBase & { readonly startedAt: number | null; readonly endedAt: number } & (
    | { readonly state: "completed" | "cancelled" }
    | { readonly state: "failed"; readonly error: string }
  );
export type SyncJob = UnfinishedJob | FinishedJob;

/** How the work of a job went. */
export type SyncOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "cancelled" };

/** Whether a job has not ended. `null`: there was never one. */
export function isUnfinished(state: SyncJobState | null): state is UnfinishedState {
  return state === "pending" || state === "running" || state === "cancelling";
}

export function newJob(params: {
  id: SyncJobId;
  organizationId: OrganizationId;
  sourceConnectionId: SourceConnectionId;
  syncId: SyncId;
  now: number;
}): PendingJob {
  const { now, ...base } = params;
  return { ...base, state: "pending", createdAt: now, counts: noCounts };
}

export function startJob(job: PendingJob, now: number): RunningJob & { readonly state: "running" } {
  return { ...job, state: "running", startedAt: now };
}

/** What a request to cancel makes of a job; null when it has ended already. Asking twice is asking once. */
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

/** Ends a job. What was asked to be cancelled ends cancelled; nothing completes that never began. */
export function endJob(job: UnfinishedJob, outcome: SyncOutcome, now: number): FinishedJob {
  const ended = { ...job, startedAt: job.state === "pending" ? null : job.startedAt, endedAt: now };
  if (job.state === "cancelling" || outcome.kind === "cancelled") return { ...ended, state: "cancelled" };
  if (outcome.kind === "failed") return { ...ended, state: "failed", error: outcome.reason };
  if (job.state === "pending") throw new Error(`The job ${job.id} cannot complete: it never started.`);
  return { ...ended, state: "completed" };
}

/** What becomes of a job whose process died; null for a pending one, which is simply run. */
export function endAbandonedJob(job: UnfinishedJob, now: number): FinishedJob | null {
  if (job.state === "pending") return null;
  return endJob(job, { kind: "failed", reason: "The process that ran this job ended before the job did." }, now);
}

/** How long the job worked, in seconds; null until it has ended, and when it never began. */
export function jobSeconds(job: SyncJob): number | null {
  if (isUnfinishedJob(job) || job.startedAt === null) return null;
  return (job.endedAt - job.startedAt) / 1000;
}

export function isUnfinishedJob(job: SyncJob): job is UnfinishedJob {
  return isUnfinished(job.state);
}
