import type { MessageId, NodeId, OrganizationId, SourceConnectionId, SyncId, SyncJobId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import type {
  FinishedJob,
  PendingJob,
  SyncCounts,
  SyncJob,
  SyncJobState,
  UnfinishedState,
} from "../../domain/sync-job.ts";
import type { Params } from "../commit/batch.ts";
import type { PageOf } from "../page.ts";
import type { CreateJobResult, PendingJobFound, SourceConnectionKey } from "../source-connections/interface.ts";
import { lastId, type Reading, type Writing } from "../sql.ts";

export interface SyncJobRow extends CountsRow {
  readonly id: SyncJobId;
  readonly organization_id: OrganizationId;
  readonly source_connection_id: SourceConnectionId;
  readonly sync_id: SyncId;
  readonly state: SyncJobState;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly error: string | null;
}

export interface CountsRow {
  readonly entities_inserted: number;
  readonly entities_updated: number;
  readonly entities_deleted: number;
  readonly entities_skipped: number;
  readonly entities_failed: number;
  readonly chunks_written: number;
}

export async function createSyncJob(
  writing: Writing,
  params: { job: PendingJob; announce: readonly Message[] },
): Promise<CreateJobResult> {
  const { sql } = writing;
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
  await insertSyncJob(writing, job, params.announce);
  await forgetOldJobs(writing, job.sourceConnectionId);
  await writing.announce(params.announce);
  return { kind: "created" };
}

export async function createScheduledJob(
  writing: Writing,
  params: { job: PendingJob; announce: readonly Message[]; dueAt: number; nextRunAt: number | null },
): Promise<boolean> {
  const taken = await writing.sql.run(
    `update source_connection set next_run_at = ?
     where id = ? and next_run_at = ? and paused_at is null and deleted_at is null`,
    params.nextRunAt,
    params.job.sourceConnectionId,
    params.dueAt,
  );
  return taken > 0 && (await createSyncJob(writing, params)).kind === "created";
}

export async function insertSyncJob(writing: Writing, job: PendingJob, announced: readonly Message[]): Promise<void> {
  writing.notes.syncJob(job.id);
  await writing.sql.run(
    `insert into sync_job (id, organization_id, source_connection_id, sync_id, state, created_at, last_message_id)
     values (?, ?, ?, ?, 'pending', ?, ?)`,
    job.id,
    job.organizationId,
    job.sourceConnectionId,
    job.syncId,
    job.createdAt,
    announced.at(-1)?.id ?? null,
  );
}

async function forgetOldJobs({ sql }: Writing, sourceConnectionId: SourceConnectionId): Promise<void> {
  await sql.run(
    `delete from sync_job where source_connection_id = ? and ended_at is not null and id <=
       (select id from sync_job where source_connection_id = ? order by id desc limit 1 offset ?)`,
    sourceConnectionId,
    sourceConnectionId,
    limits.syncJobsKeptPerConnectionMax,
  );
}

export async function readSyncJob(
  { sql }: Reading,
  params: SourceConnectionKey & { jobId: SyncJobId },
): Promise<SyncJob | null> {
  const row = await sql.get<SyncJobRow>(
    "select * from sync_job where id = ? and source_connection_id = ? and organization_id = ?",
    params.jobId,
    params.sourceConnectionId,
    params.organizationId,
  );
  return row === null ? null : jobOf(row);
}

export async function listSyncJobs(
  { sql }: Reading,
  params: SourceConnectionKey & PageOf<SyncJobId>,
): Promise<SyncJob[]> {
  const rows = await sql.all<SyncJobRow>(
    `select * from sync_job where source_connection_id = ? and organization_id = ? and id < ?
     order by id desc limit ?`,
    params.sourceConnectionId,
    params.organizationId,
    params.cursor ?? lastId,
    params.limit,
  );
  return rows.map(jobOf);
}

export async function lastJobOf({ sql }: Reading, sourceConnectionId: SourceConnectionId): Promise<SyncJob | null> {
  const row = await sql.get<SyncJobRow>(
    "select * from sync_job where source_connection_id = ? order by id desc limit 1",
    sourceConnectionId,
  );
  return row === null ? null : jobOf(row);
}

export async function lastSuccessOf({ sql }: Reading, sourceConnectionId: SourceConnectionId): Promise<number | null> {
  const row = await sql.get<{ ended_at: number }>(
    "select ended_at from sync_job where source_connection_id = ? and state = 'completed' order by id desc limit 1",
    sourceConnectionId,
  );
  return row?.ended_at ?? null;
}

export async function findUnfinishedJobs(
  { sql }: Reading,
  params: { states: readonly UnfinishedState[]; limit: number },
): Promise<SyncJob[]> {
  const rows = await sql.all<SyncJobRow>(
    `select * from sync_job where state in ('pending', 'running', 'cancelling')
         and state in (${sql.dialect.eachText}) order by id limit ?`,
    sql.dialect.textsValue(params.states),
    params.limit,
  );
  return rows.map(jobOf);
}

/** Jobs under way whose node is dead, or was never heard of. */
export async function findAbandonedJobs(
  { sql }: Reading,
  params: { now: number; limit: number },
): Promise<SyncJobId[]> {
  const rows = await sql.all<{ id: SyncJobId }>(
    `select id from sync_job where state in ('running', 'cancelling')
       and not exists (select 1 from node where node.id = sync_job.node_id and lease_until > ?) order by id limit ?`,
    params.now,
    params.limit,
  );
  return rows.map((row) => row.id);
}

export async function findPendingJobs(
  { sql }: Reading,
  { held, full, limit }: Params<"findPendingJobs">,
): Promise<PendingJobFound[]> {
  const { eachText, textsValue } = sql.dialect;
  return await sql.all<PendingJobFound>(
    `with held as (${eachText}), busy as (
         select organization_id, count(*) as jobs from sync_job
         where state in ('running', 'cancelling') or (state = 'pending' and cast(id as text) in (select * from held))
         group by 1),
       waiting as (
         select sync_job.id, sync_job.organization_id, source,
           row_number() over (partition by sync_job.organization_id order by sync_job.id) as turn
         from sync_job join source_connection on source_connection.id = source_connection_id
         where state = 'pending' and cast(sync_job.id as text) not in (select * from held)
           and cast(sync_job.organization_id as text) not in (${eachText}) and source not in (${eachText}))
       select id, waiting.organization_id as "organizationId", source
       from waiting left join busy on busy.organization_id = waiting.organization_id
       order by coalesce(jobs, 0) + turn, id limit ?`,
    textsValue(held),
    textsValue(full.organizations),
    textsValue(full.sources),
    limit,
  );
}

export async function startSyncJob(
  writing: Writing,
  params: { jobId: SyncJobId; nodeId: NodeId; now: number; announce: readonly Message[] },
): Promise<boolean> {
  const started = await writing.sql.run(
    "update sync_job set state = 'running', started_at = ?, node_id = ? where id = ? and state = 'pending'",
    params.now,
    params.nodeId,
    params.jobId,
  );
  if (started === 0) return false;
  writing.notes.syncJob(params.jobId);
  await announceNext(writing, params.jobId, params.announce);
  return true;
}

export async function beginNextTry(
  { sql, notes }: Writing,
  params: { jobId: SyncJobId; failed: number },
): Promise<boolean> {
  const begun = await sql.run(
    "update sync_job set tries = tries + 1, entities_failed = ? where id = ? and state = 'running'",
    params.failed,
    params.jobId,
  );
  if (begun > 0) notes.syncJob(params.jobId);
  return begun > 0;
}

export async function cancelRunningJob({ sql, notes }: Writing, { jobId }: { jobId: SyncJobId }): Promise<boolean> {
  const asked = await sql.run(
    "update sync_job set state = 'cancelling' where id = ? and state in ('running', 'cancelling')",
    jobId,
  );
  if (asked > 0) notes.syncJob(jobId);
  return asked > 0;
}

export async function endSyncJob(
  writing: Writing,
  params: { from: UnfinishedState; job: FinishedJob; announce: readonly Message[] },
): Promise<boolean> {
  const { job } = params;
  const ended = await writing.sql.run(
    "update sync_job set state = ?, started_at = ?, ended_at = ?, error = ? where id = ? and state = ?",
    job.state,
    job.startedAt,
    job.endedAt,
    job.state === "failed" ? job.error : null,
    job.id,
    params.from,
  );
  if (ended === 0) return false;
  writing.notes.syncJob(job.id);
  await announceNext(writing, job.id, params.announce);
  return true;
}

/** Announces what a job became, in line behind what was announced of it before. */
async function announceNext(writing: Writing, jobId: SyncJobId, messages: readonly Message[]): Promise<void> {
  const { sql } = writing;
  const row = await sql.get<{ last_message_id: MessageId | null }>(
    "select last_message_id from sync_job where id = ?",
    jobId,
  );
  await writing.announce(messages, row?.last_message_id ?? null);
  const last = messages.at(-1);
  if (last !== undefined) await sql.run("update sync_job set last_message_id = ? where id = ?", last.id, jobId);
}

export function countsOf(row: CountsRow): SyncCounts {
  return {
    inserted: row.entities_inserted,
    updated: row.entities_updated,
    deleted: row.entities_deleted,
    skipped: row.entities_skipped,
    failed: row.entities_failed,
    chunksWritten: row.chunks_written,
  };
}

export function jobOf(row: SyncJobRow): SyncJob {
  const base = {
    id: row.id,
    organizationId: row.organization_id,
    sourceConnectionId: row.source_connection_id,
    syncId: row.sync_id,
    createdAt: row.created_at,
    counts: countsOf(row),
  };
  if (row.state === "pending") return { ...base, state: row.state };
  // The table's checks say that these times are there.
  if (row.state === "running" || row.state === "cancelling") {
    return { ...base, state: row.state, startedAt: row.started_at ?? row.created_at };
  }
  const ended = { ...base, startedAt: row.started_at, endedAt: row.ended_at ?? row.created_at };
  return row.state === "failed"
    ? { ...ended, state: row.state, error: row.error ?? "" }
    : { ...ended, state: row.state };
}
