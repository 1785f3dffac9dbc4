import { limits } from "./limits.ts";
import type { SourceConnection } from "./source-connection.ts";
import type { SyncJobState } from "./sync-job.ts";

/** The state of a connection's jobs, from the jobs that are still stored. Times are Unix ms. */
export interface SyncHistory {
  readonly lastJob: SyncJobState | null;
  /** When the newest completed job ended; null when none completed. */
  readonly lastSuccessAt: number | null;
  /** When the schedule was first due after that; null without a cron schedule. */
  readonly dueAfterSuccessAt: number | null;
}

/**
 * Whether the data of a connection is older than it should be. That is so when none of its jobs ever completed; when its last
 * job failed; and, unless it is paused, when a sync has been due for `limits.staleAfterMs` since the last completed job, by its
 * schedule or because of a change that its continuous sync waits for.
 */
export function isStale(
  { pausedAt, nextRunAt, schedule }: Pick<SourceConnection, "pausedAt" | "nextRunAt" | "schedule">,
  { lastJob, lastSuccessAt, dueAfterSuccessAt }: SyncHistory,
  now: number,
): boolean {
  if (lastSuccessAt === null || lastJob === "failed") return true;
  if (schedule === null || pausedAt !== null) return false;
  const dueAt = "continuous" in schedule ? nextRunAt : dueAfterSuccessAt;
  return dueAt !== null && dueAt + limits.staleAfterMs <= now;
}
