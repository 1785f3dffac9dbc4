import type { SyncJobId } from "../domain/id.ts";
import {
  endAbandonedJob,
  endJob,
  type FinishedJob,
  isUnfinishedJob,
  type SyncJob,
  type SyncOutcome,
} from "../domain/sync-job.ts";
import type { Intake } from "../intake/intake.ts";
import type { Store } from "../store/store.ts";
import { announcementOf, syncEvent } from "./events.ts";

export interface EndingParts {
  readonly store: Pick<Store, "readSyncPlan" | "endSyncJob">;
  readonly intake: Pick<Intake, "announcement">;
  readonly now: () => number;
}

/**
 * Ends a job with its one final event, in whichever unfinished state it is. Null when it has already ended and was announced.
 */
export function endSyncJob(parts: EndingParts, jobId: SyncJobId, outcome: SyncOutcome): Promise<FinishedJob | null> {
  return settle(parts, jobId, (job, now) => (isUnfinishedJob(job) ? endJob(job, outcome, now) : null));
}

/** Ends a job whose process died. Null when it is pending, and can still run, or has ended already. */
export function endAbandonedSyncJob(parts: EndingParts, jobId: SyncJobId): Promise<FinishedJob | null> {
  return settle(parts, jobId, (job, now) => (isUnfinishedJob(job) ? endAbandonedJob(job, now) : null));
}

async function settle(
  { store, intake, now }: EndingParts,
  jobId: SyncJobId,
  transition: (job: SyncJob, now: number) => FinishedJob | null,
): Promise<FinishedJob | null> {
  // A job only moves forwards, so that this loops at most once per state.
  for (;;) {
    const plan = await store.readSyncPlan({ jobId });
    if (plan === null || !isUnfinishedJob(plan.job)) return null;
    const endedAt = now();
    const ended = transition(plan.job, endedAt);
    if (ended === null) return null;
    const announce = [announcementOf(intake, ended.organizationId, syncEvent(plan, ended, endedAt))];
    if (await store.endSyncJob({ from: plan.job.state, job: ended, announce })) return ended;
  }
}
