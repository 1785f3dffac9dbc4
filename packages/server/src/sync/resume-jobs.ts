import { limits } from "../domain/limits.ts";
import type { Store } from "../store/store.ts";
import { type EndingParts, endAbandonedSyncJob } from "./end-job.ts";

/**
 * Ends the jobs that a dead process left running, each with its one final event. Pending ones are left: the runner finds
 * and runs them. Only to be called before this process runs jobs, by a process that has the database for itself.
 * Answers how many it ended.
 */
export async function resumeJobs(
  parts: EndingParts & { readonly store: Pick<Store, "findUnfinishedJobs"> },
): Promise<number> {
  let ended = 0;
  for (;;) {
    const left = await parts.store.findUnfinishedJobs({ states: ["running", "cancelling"], limit: limits.pageMax });
    if (left.length === 0) return ended;
    for (const { id } of left) if ((await endAbandonedSyncJob(parts, id)) !== null) ended += 1;
  }
}
