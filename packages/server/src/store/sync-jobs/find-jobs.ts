import type { SourceConnectionId, SyncJobId } from "../../domain/id.ts";
import type { SyncJob, UnfinishedState } from "../../domain/sync-job.ts";
import type { Params } from "../operations.ts";
import type { PageOf } from "../page.ts";
import type { SourceConnectionKey } from "../source-connections/interface.ts";
import { lastId, type ReadContext } from "../sql.ts";
import type { PendingJobFound } from "./interface.ts";
import { jobOf, type SyncJobRow } from "./job-row.ts";

export async function readSyncJob(
  { sql }: ReadContext,
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
  { sql }: ReadContext,
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

export async function lastJobOf({ sql }: ReadContext, sourceConnectionId: SourceConnectionId): Promise<SyncJob | null> {
  const row = await sql.get<SyncJobRow>(
    "select * from sync_job where source_connection_id = ? order by id desc limit 1",
    sourceConnectionId,
  );
  return row === null ? null : jobOf(row);
}

export async function lastSuccessOf(
  { sql }: ReadContext,
  sourceConnectionId: SourceConnectionId,
): Promise<number | null> {
  const row = await sql.get<{ ended_at: number }>(
    "select ended_at from sync_job where source_connection_id = ? and state = 'completed' order by id desc limit 1",
    sourceConnectionId,
  );
  return row?.ended_at ?? null;
}

export async function findUnfinishedJobs(
  { sql }: ReadContext,
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

/** Unfinished jobs whose node has expired, or never sent a heartbeat. */
export async function findAbandonedJobs(
  { sql }: ReadContext,
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
  { sql }: ReadContext,
  { inSlots, full, limit }: Params<"findPendingJobs">,
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
    textsValue(inSlots),
    textsValue(full.organizations),
    textsValue(full.sources),
    limit,
  );
}
