import type { OrganizationId, SourceConnectionId, SyncId, SyncJobId } from "../../domain/id.ts";
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
import type { CreateJobResult, SourceConnectionKey, SyncPlan } from "../producer-store.ts";
import type { PageOf } from "../store.ts";
import { announce } from "./accept-messages.ts";
import { readForRun } from "./source-connections.ts";
import type { Reading, Writing } from "./transaction.ts";

interface SyncJobRow extends CountsRow {
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

export function createSyncJob(
  writing: Writing,
  params: { job: PendingJob; announce: readonly Message[] },
): CreateJobResult {
  const { db } = writing;
  const { job } = params;
  const connection = db.get(
    "select 1 from source_connection where id = ? and organization_id = ? and sync_id = ? and deleted_at is null",
    job.sourceConnectionId,
    job.organizationId,
    job.syncId,
  );
  if (connection === null) return { kind: "not_found" };
  const underWay = db.get<{ state: SyncJobState }>(
    "select state from sync_job where source_connection_id = ? and state in ('pending', 'running', 'cancelling')",
    job.sourceConnectionId,
  );
  if (underWay !== null) return { kind: "under_way", state: underWay.state };
  insertSyncJob(writing, job);
  forgetOldJobs(writing, job.sourceConnectionId);
  announce(writing, params.announce);
  return { kind: "created" };
}

export function insertSyncJob({ db }: Writing, job: PendingJob): void {
  db.run(
    `insert into sync_job (id, organization_id, source_connection_id, sync_id, state, created_at)
     values (?, ?, ?, ?, 'pending', ?)`,
    job.id,
    job.organizationId,
    job.sourceConnectionId,
    job.syncId,
    job.createdAt,
  );
}

function forgetOldJobs({ db }: Writing, sourceConnectionId: SourceConnectionId): void {
  db.run(
    `delete from sync_job where source_connection_id = ? and ended_at is not null and id <=
       (select id from sync_job where source_connection_id = ? order by id desc limit 1 offset ?)`,
    sourceConnectionId,
    sourceConnectionId,
    limits.syncJobsKeptPerConnectionMax,
  );
}

export function readSyncJob({ db }: Reading, params: SourceConnectionKey & { jobId: SyncJobId }): SyncJob | null {
  const row = db.get<SyncJobRow>(
    "select * from sync_job where id = ? and source_connection_id = ? and organization_id = ?",
    params.jobId,
    params.sourceConnectionId,
    params.organizationId,
  );
  return row === null ? null : jobOf(row);
}

export function listSyncJobs({ db }: Reading, params: SourceConnectionKey & PageOf<SyncJobId>): SyncJob[] {
  return db
    .all<SyncJobRow>(
      `select * from sync_job where source_connection_id = ? and organization_id = ? and id < ?
       order by id desc limit ?`,
      params.sourceConnectionId,
      params.organizationId,
      params.cursor ?? "~",
      params.limit,
    )
    .map(jobOf);
}

export function lastJobOf({ db }: Reading, sourceConnectionId: SourceConnectionId): SyncJob | null {
  const row = db.get<SyncJobRow>(
    "select * from sync_job where source_connection_id = ? order by id desc limit 1",
    sourceConnectionId,
  );
  return row === null ? null : jobOf(row);
}

export function findUnfinishedJobs(
  { db }: Reading,
  params: { states: readonly UnfinishedState[]; limit: number },
): SyncJob[] {
  return db
    .all<SyncJobRow>(
      `select * from sync_job where state in ('pending', 'running', 'cancelling')
         and state in (select value from json_each(?)) order by id limit ?`,
      JSON.stringify(params.states),
      params.limit,
    )
    .map(jobOf);
}

export function findPendingJobs({ db }: Reading, params: { limit: number }): SyncJobId[] {
  return db
    .all<{ id: SyncJobId }>(
      `with busy as (
         select organization_id, count(*) as jobs from sync_job where state in ('running', 'cancelling') group by 1)
       select sync_job.id from sync_job left join busy on busy.organization_id = sync_job.organization_id
       where state = 'pending' order by coalesce(jobs, 0), sync_job.id limit ?`,
      params.limit,
    )
    .map((row) => row.id);
}

export function readSyncPlan(reading: Reading, { jobId }: { jobId: SyncJobId }): SyncPlan | null {
  const row = reading.db.get<SyncJobRow>("select * from sync_job where id = ?", jobId);
  const source = row === null ? null : readForRun(reading, row.source_connection_id);
  return row === null || source === null ? null : { job: jobOf(row), syncId: row.sync_id, ...source };
}

export function startSyncJob(
  writing: Writing,
  params: { jobId: SyncJobId; now: number; announce: readonly Message[] },
): boolean {
  const started = writing.db.run(
    "update sync_job set state = 'running', started_at = ? where id = ? and state = 'pending'",
    params.now,
    params.jobId,
  );
  if (started === 0) return false;
  announce(writing, params.announce);
  return true;
}

export function cancelRunningJob({ db }: Writing, { jobId }: { jobId: SyncJobId }): boolean {
  return (
    db.run("update sync_job set state = 'cancelling' where id = ? and state in ('running', 'cancelling')", jobId) > 0
  );
}

export function endSyncJob(
  writing: Writing,
  params: { from: UnfinishedState; job: FinishedJob; announce: readonly Message[] },
): boolean {
  const { job } = params;
  const ended = writing.db.run(
    "update sync_job set state = ?, started_at = ?, ended_at = ?, error = ? where id = ? and state = ?",
    job.state,
    job.startedAt,
    job.endedAt,
    job.state === "failed" ? job.error : null,
    job.id,
    params.from,
  );
  if (ended === 0) return false;
  announce(writing, params.announce);
  return true;
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

function jobOf(row: SyncJobRow): SyncJob {
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
