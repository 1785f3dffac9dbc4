import type { MessageId, NodeId, SourceConnectionId, SyncJobId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import type { FinishedJob, PendingJob, SyncJobState, UnfinishedState } from "../../domain/sync-job.ts";
import type { WriteContext } from "../sql.ts";
import type { CreateJobResult } from "./interface.ts";

export async function createSyncJob(
  context: WriteContext,
  params: { job: PendingJob; announce: readonly Message[] },
): Promise<CreateJobResult> {
  const { sql } = context;
  const { job } = params;
  const connection = await sql.get(
    `select id from source_connection where id = ? and organization_id = ? and sync_id = ? and deleted_at is null
     ${sql.dialect.forUpdate}`,
    job.sourceConnectionId,
    job.organizationId,
    job.syncId,
  );
  if (connection === null) return { kind: "not_found" };
  const underWay = await sql.get<{ state: SyncJobState }>(
    "select state from sync_job where source_connection_id = ? and state in ('pending', 'running', 'cancelling')",
    job.sourceConnectionId,
  );
  if (underWay !== null) return { kind: "under_way", state: underWay.state };
  await insertSyncJob(context, job, params.announce);
  await forgetOldJobs(context, job.sourceConnectionId);
  await context.announce(params.announce);
  return { kind: "created" };
}

export async function createScheduledJob(
  context: WriteContext,
  params: { job: PendingJob; announce: readonly Message[]; dueAt: number; nextRunAt: number | null },
): Promise<boolean> {
  const taken = await context.sql.run(
    `update source_connection set next_run_at = ?
     where id = ? and next_run_at = ? and paused_at is null and deleted_at is null`,
    params.nextRunAt,
    params.job.sourceConnectionId,
    params.dueAt,
  );
  return taken > 0 && (await createSyncJob(context, params)).kind === "created";
}

export async function insertSyncJob(
  context: WriteContext,
  job: PendingJob,
  announced: readonly Message[],
): Promise<void> {
  context.changeLog.syncJob(job.id);
  await context.sql.run(
    `insert into sync_job (id, organization_id, source_connection_id, sync_id, state, created_at, reads_everything,
       last_message_id)
     values (?, ?, ?, ?, 'pending', ?, ?, ?)`,
    job.id,
    job.organizationId,
    job.sourceConnectionId,
    job.syncId,
    job.createdAt,
    job.readsEverything ? 1 : 0,
    announced.at(-1)?.id ?? null,
  );
}

async function forgetOldJobs({ sql }: WriteContext, sourceConnectionId: SourceConnectionId): Promise<void> {
  await sql.run(
    `delete from sync_job where source_connection_id = ? and ended_at is not null and id <=
       (select id from sync_job where source_connection_id = ? order by id desc limit 1 offset ?)`,
    sourceConnectionId,
    sourceConnectionId,
    limits.syncJobsKeptPerConnectionMax,
  );
}

export async function startSyncJob(
  context: WriteContext,
  params: { jobId: SyncJobId; nodeId: NodeId; now: number; announce: readonly Message[] },
): Promise<boolean> {
  const started = await context.sql.run(
    "update sync_job set state = 'running', started_at = ?, node_id = ? where id = ? and state = 'pending'",
    params.now,
    params.nodeId,
    params.jobId,
  );
  if (started === 0) return false;
  context.changeLog.syncJob(params.jobId);
  await announceNext(context, params.jobId, params.announce);
  return true;
}

export async function beginNextTry(
  { sql, changeLog }: WriteContext,
  params: { jobId: SyncJobId; failed: number },
): Promise<boolean> {
  const begun = await sql.run(
    "update sync_job set tries = tries + 1, entities_failed = ? where id = ? and state = 'running'",
    params.failed,
    params.jobId,
  );
  if (begun > 0) changeLog.syncJob(params.jobId);
  return begun > 0;
}

export async function cancelRunningJob(
  context: WriteContext,
  { jobId, announce }: { jobId: SyncJobId; announce: readonly Message[] },
): Promise<boolean> {
  const { sql } = context;
  const changed = await sql.run("update sync_job set state = 'cancelling' where id = ? and state = 'running'", jobId);
  if (changed > 0) {
    context.changeLog.syncJob(jobId);
    await announceNext(context, jobId, announce);
    return true;
  }
  return (await sql.get("select 1 from sync_job where id = ? and state = 'cancelling'", jobId)) !== null;
}

export async function endSyncJob(
  context: WriteContext,
  params: { from: UnfinishedState; job: FinishedJob; announce: readonly Message[] },
): Promise<boolean> {
  const { job } = params;
  const ended = await context.sql.run(
    `update sync_job set state = ?, started_at = ?, ended_at = ?, error = ?, error_category = ?
     where id = ? and state = ?`,
    job.state,
    job.startedAt,
    job.endedAt,
    job.state === "failed" ? job.error : null,
    job.state === "failed" ? job.errorCategory : null,
    job.id,
    params.from,
  );
  if (ended === 0) return false;
  context.changeLog.syncJob(job.id);
  if (job.state === "failed" && job.errorCategory !== null) {
    // Credentials that the connection got since the job started were not refused.
    await context.sql.run(
      `update source_connection set needs_reauth_at = coalesce(needs_reauth_at, ?)
       where id = ? and authenticated_at <= ?`,
      job.endedAt,
      job.sourceConnectionId,
      job.startedAt,
    );
  }
  await announceNext(context, job.id, params.announce);
  return true;
}

/** Announces the new state of a job, after its earlier messages. */
async function announceNext(context: WriteContext, jobId: SyncJobId, messages: readonly Message[]): Promise<void> {
  const { sql } = context;
  const row = await sql.get<{ last_message_id: MessageId | null }>(
    "select last_message_id from sync_job where id = ?",
    jobId,
  );
  await context.announce(messages, row?.last_message_id ?? null);
  const last = messages.at(-1);
  if (last !== undefined) await sql.run("update sync_job set last_message_id = ? where id = ?", last.id, jobId);
}
