import { z } from "zod";
import { errorCategories, isUnfinishedJob, jobSeconds, type SyncJob, syncJobStates } from "../../domain/sync-job.ts";
import { isoTime, timeResponse } from "../../http/times.ts";

const jobFields = {
  id: z.uuid(),
  status: z.enum(syncJobStates),
  started_at: timeResponse.nullable(),
  completed_at: timeResponse.nullable().describe("When it ended, successfully or not."),
  duration_seconds: z.number().nullable(),
  entities_inserted: z.int(),
  entities_updated: z.int(),
  entities_deleted: z.int(),
  entities_skipped: z.int().describe("Entities that are unchanged since the previous job."),
  entities_failed: z.int().describe("Entities that could not be read."),
  chunks_written: z.int(),
  error: z.string().nullable(),
  error_category: z
    .enum(errorCategories)
    .nullable()
    .describe("Set when the credentials of the source connection were refused. It is synced again when it has others."),
};

export const lastJobResponse = z.object(jobFields);

export const syncJobResponse = z
  .object({ ...jobFields, source_connection_id: z.uuid(), error_details: z.null() })
  .meta({ id: "SyncJob", description: "One run of a sync. Its counts grow while it runs." });

export function lastJobOf(job: SyncJob): z.input<typeof lastJobResponse> {
  const startedAt = job.state === "pending" ? null : job.startedAt;
  return {
    id: job.id,
    status: job.state,
    started_at: startedAt === null ? null : isoTime(startedAt),
    completed_at: isUnfinishedJob(job) ? null : isoTime(job.endedAt),
    duration_seconds: jobSeconds(job),
    entities_inserted: job.counts.inserted,
    entities_updated: job.counts.updated,
    entities_deleted: job.counts.deleted,
    entities_skipped: job.counts.skipped,
    entities_failed: job.counts.failed,
    chunks_written: job.counts.chunksWritten,
    error: job.state === "failed" ? job.error : null,
    error_category: job.state === "failed" ? job.errorCategory : null,
  };
}

export function syncJobOf(job: SyncJob): z.input<typeof syncJobResponse> {
  return { ...lastJobOf(job), source_connection_id: job.sourceConnectionId, error_details: null };
}
