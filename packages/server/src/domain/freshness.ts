import { limits } from "./limits.ts";
import type { SourceConnection } from "./source-connection.ts";
import type { SyncJobState } from "./sync-job.ts";

/** What has become of a connection's jobs, of those that are kept. Times are Unix ms. */
export interface SyncHistory {
  readonly lastJob: SyncJobState | null;
  /** When the newest job that completed ended; null when none did. */
  readonly lastSuccessAt: number | null;
  /** When its schedule was first due after that; null without a schedule of times. */
  readonly dueAfterSuccessAt: number | null;
}

/**
 * Whether what a connection holds is older than it should be. It is when no job of it ever completed; when its last job
 * failed; and, unless it is paused, when a sync has been due for `limits.staleAfterMs` since the last one that completed: by its
 * schedule, or because something changed that a continuous one waits for.
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
