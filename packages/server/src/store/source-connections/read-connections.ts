import type { SourceConnectionId } from "../../domain/id.ts";
import type { SourceConnection } from "../../domain/source-connection.ts";
import { waitingAuthorization } from "../authorizations/sql.ts";
import { lastId, type ReadContext } from "../sql.ts";
import { lastJobOf, lastSuccessOf } from "../sync-jobs/find-jobs.ts";
import { connectionOf, type SourceConnectionRow, selectConnection } from "./connection-row.ts";
import type {
  Credentials,
  ListSourceConnections,
  SourceConnectionKey,
  SourceConnectionListed,
  SourceConnectionView,
} from "./interface.ts";

export async function readSourceConnection(
  context: ReadContext,
  key: SourceConnectionKey,
): Promise<SourceConnectionView | null> {
  const row = await findRow(context, key);
  if (row === null) return null;
  return {
    ...connectionOf(row),
    lastJob: await lastJobOf(context, row.id),
    lastSuccessAt: await lastSuccessOf(context, row.id),
    runs: await runsOf(context, row.id),
    authorization: await waitingAuthorization(context, row.id),
    entitiesByType: await context.sql.all<SourceConnectionView["entitiesByType"][number]>(
      `select type, count(*) as count, max(updated_at) as "lastUpdated" from entity
       where source_connection_id = ? group by type order by type`,
      row.id,
    ),
  };
}

export async function listSourceConnections(
  context: ReadContext,
  params: ListSourceConnections,
): Promise<SourceConnectionListed[]> {
  const rows = await context.sql.all<SourceConnectionRow>(
    `${selectConnection} where source_connection.organization_id = ? and source_connection.deleted_at is null
         and source_connection.id < ? and (cast(? as text) is null or readable_id = ?)
       order by source_connection.id desc limit ? offset ?`,
    params.organizationId,
    params.cursor ?? lastId,
    params.collection,
    params.collection,
    params.limit,
    params.skip,
  );
  return await Promise.all(
    rows.map(async (row) => ({
      ...connectionOf(row),
      lastJob: await lastJobOf(context, row.id),
      lastSuccessAt: await lastSuccessOf(context, row.id),
    })),
  );
}

/** The current state of a connection of any tenant, for the runner. */
export async function readForRun(
  { sql }: ReadContext,
  sourceConnectionId: SourceConnectionId,
): Promise<{ connection: SourceConnection; collectionName: string } | null> {
  const row = await sql.get<SourceConnectionRow & { collection_name: string }>(
    `select source_connection.*, collection.readable_id as readable_collection_id, collection.name as collection_name
     from source_connection join collection on collection.id = source_connection.collection_id
     where source_connection.id = ? and source_connection.deleted_at is null`,
    sourceConnectionId,
  );
  return row === null ? null : { connection: connectionOf(row), collectionName: row.collection_name };
}

export async function readCredentials(
  { sql, vault }: ReadContext,
  { sourceConnectionId }: { sourceConnectionId: SourceConnectionId },
): Promise<Credentials | null> {
  const row = await sql.get<{ credentials: string | null }>(
    "select credentials from source_connection where id = ? and deleted_at is null",
    sourceConnectionId,
  );
  const sealed = row?.credentials ?? null;
  return sealed === null ? null : (JSON.parse(vault.open(sealed)) as Credentials);
}

export async function readSyncCursor(
  { sql, vault }: ReadContext,
  { sourceConnectionId }: { sourceConnectionId: SourceConnectionId },
): Promise<string | null> {
  const row = await sql.get<{ sync_cursor: string | null }>(
    "select sync_cursor from source_connection where id = ? and deleted_at is null",
    sourceConnectionId,
  );
  const sealed = row?.sync_cursor ?? null;
  return sealed === null ? null : vault.open(sealed);
}

export async function findRow({ sql }: ReadContext, key: SourceConnectionKey): Promise<SourceConnectionRow | null> {
  return await sql.get<SourceConnectionRow>(
    `${selectConnection} where source_connection.id = ? and source_connection.organization_id = ?
       and source_connection.deleted_at is null`,
    key.sourceConnectionId,
    key.organizationId,
  );
}

async function runsOf(
  { sql }: ReadContext,
  sourceConnectionId: SourceConnectionId,
): Promise<SourceConnectionView["runs"]> {
  const row = await sql.get<{ total: number; completed: number; failed: number }>(
    `select count(*) as total, count(*) filter (where state = 'completed') as completed,
       count(*) filter (where state = 'failed') as failed from sync_job where source_connection_id = ?`,
    sourceConnectionId,
  );
  return row ?? { total: 0, completed: 0, failed: 0 };
}
