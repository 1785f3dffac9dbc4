import type { SourceConnection } from "../../domain/source-connection.ts";
import type { Params } from "../operations.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import { connectionOf, type SourceConnectionRow, selectConnection } from "./connection-row.ts";
import type { WatchedConnection } from "./interface.ts";

export async function findDueConnections(
  { sql }: ReadContext,
  { now, limit }: { now: number; limit: number },
): Promise<SourceConnection[]> {
  const rows = await sql.all<SourceConnectionRow>(
    `${selectConnection} where source_connection.next_run_at <= ? and source_connection.paused_at is null
       and source_connection.deleted_at is null and authenticated_at is not null
       and needs_reauth_at is null
     order by source_connection.next_run_at limit ?`,
    now,
    limit,
  );
  return rows.map(connectionOf);
}

export async function findWatchedConnections(
  { sql }: ReadContext,
  { limit }: { limit: number },
): Promise<WatchedConnection[]> {
  const rows = await sql.all<SourceConnectionRow & { jobs: number }>(
    `select source_connection.*, collection.readable_id as readable_collection_id,
       (select count(*) from sync_job where source_connection_id = source_connection.id
          and state in ('pending', 'running', 'cancelling')) as jobs
     from source_connection join collection on collection.id = source_connection.collection_id
     where schedule_continuous = 1 and source_connection.paused_at is null and source_connection.deleted_at is null
       and authenticated_at is not null
     order by source_connection.id limit ?`,
    limit,
  );
  return rows.map((row) => ({ ...connectionOf(row), isUnderWay: row.jobs > 0 }));
}

export async function noteChange({ sql }: WriteContext, params: Params<"noteChange">): Promise<boolean> {
  const noted = await sql.run(
    `update source_connection set next_run_at = coalesce((select created_at + ? from sync_job
         where source_connection_id = source_connection.id and created_at > ? order by sync_job.id desc limit 1), ?)
       where id = ? and schedule_continuous = 1 and next_run_at is null
       and paused_at is null and deleted_at is null
       and coalesce((select case when state = 'pending' or started_at >= ? then 1 else 0 end from sync_job
         where source_connection_id = source_connection.id order by sync_job.id desc limit 1), 0) = 0`,
    params.apartMs,
    params.dueAt - params.apartMs,
    params.dueAt,
    params.sourceConnectionId,
    params.changedAt,
  );
  return noted > 0;
}
