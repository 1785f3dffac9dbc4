import type { Authorization } from "../../domain/authorization.ts";
import type { CollectionId, OrganizationId, SourceConnectionId, SyncId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import type { AuthenticationMethod, Schedule, SourceConnection } from "../../domain/source-connection.ts";
import type { PendingJob } from "../../domain/sync-job.ts";
import {
  forgetAuthorizations,
  insertAuthorization,
  newCredentials,
  waitingAuthorization,
} from "../authorizations/sql.ts";
import type { Params } from "../commit/batch.ts";
import { hasRoomFor } from "../room-for-more.ts";
import { lastId, type Reading, type SqlValue, type Writing } from "../sql.ts";
import { insertSyncJob, lastJobOf, lastSuccessOf } from "../sync-jobs/change-jobs.ts";
import type {
  Credentials,
  ListSourceConnections,
  SourceConnectionChanges,
  SourceConnectionKey,
  SourceConnectionListed,
  SourceConnectionView,
  WatchedConnection,
} from "./interface.ts";

export interface SourceConnectionRow {
  readonly id: SourceConnectionId;
  readonly organization_id: OrganizationId;
  readonly collection_id: CollectionId;
  readonly readable_collection_id: string;
  readonly name: string;
  readonly description: string | null;
  readonly source: string;
  readonly config: string;
  readonly auth_method: AuthenticationMethod;
  readonly authenticated_at: number | null;
  readonly tokens_expire_at: number | null;
  readonly needs_reauth_at: number | null;
  readonly sync_id: SyncId | null;
  readonly schedule_cron: string | null;
  readonly schedule_time_zone: string | null;
  readonly schedule_continuous: number;
  readonly next_run_at: number | null;
  readonly paused_at: number | null;
  readonly entity_count: number;
  readonly created_at: number;
  readonly modified_at: number;
}

const selectConnection = `select source_connection.*, collection.readable_id as readable_collection_id
  from source_connection join collection on collection.id = source_connection.collection_id`;

export async function createSourceConnection(
  writing: Writing,
  params: {
    connection: SourceConnection;
    credentials: Credentials | null;
    job: PendingJob | null;
    authorization?: Authorization | null;
    announce: readonly Message[];
    connectionsMax: number;
  },
): Promise<"created" | "collection_not_found" | "collection_full" | "full"> {
  const { connection, authorization = null } = params;
  const collection = await writing.sql.get<{ connections: number }>(
    `select (select count(*) from source_connection where collection_id = collection.id and deleted_at is null) as connections
     from collection where id = ? and organization_id = ? and deleted_at is null ${writing.sql.dialect.forUpdate}`,
    connection.collectionId,
    connection.organizationId,
  );
  if (collection === null) return "collection_not_found";
  if (collection.connections >= limits.connectionsPerCollectionMax) return "collection_full";
  const others = {
    name: `source connections of ${connection.organizationId}`,
    rows: "select 1 from source_connection where organization_id = ? and deleted_at is null",
    values: [connection.organizationId],
    max: params.connectionsMax,
  };
  if (!(await hasRoomFor(writing, 1, others))) return "full";
  await insertConnection(writing, connection, params.credentials);
  if (params.job !== null) await insertSyncJob(writing, params.job, params.announce);
  if (authorization !== null) await insertAuthorization(writing, authorization);
  await writing.announce(params.announce);
  return "created";
}

async function insertConnection(
  { sql, vault }: Writing,
  connection: SourceConnection,
  credentials: Credentials | null,
): Promise<void> {
  await sql.run(
    `insert into source_connection (id, organization_id, collection_id, name, description, source, config, credentials,
       auth_method, authenticated_at, tokens_expire_at, sync_id, schedule_cron, schedule_time_zone, schedule_continuous,
       next_run_at, created_at, modified_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    connection.id,
    connection.organizationId,
    connection.collectionId,
    connection.name,
    connection.description,
    connection.source,
    JSON.stringify(connection.config),
    credentials === null ? null : vault.seal(JSON.stringify(credentials)),
    connection.authMethod,
    connection.authenticatedAt,
    connection.tokensExpireAt,
    connection.syncId,
    ...scheduleColumns(connection.schedule).map(([, value]) => value),
    connection.nextRunAt,
    connection.createdAt,
    connection.modifiedAt,
  );
}

export async function readSourceConnection(
  reading: Reading,
  key: SourceConnectionKey,
): Promise<SourceConnectionView | null> {
  const row = await findRow(reading, key);
  if (row === null) return null;
  return {
    ...connectionOf(row),
    lastJob: await lastJobOf(reading, row.id),
    lastSuccessAt: await lastSuccessOf(reading, row.id),
    runs: await runsOf(reading, row.id),
    authorization: await waitingAuthorization(reading, row.id),
    entitiesByType: await reading.sql.all<SourceConnectionView["entitiesByType"][number]>(
      `select type, count(*) as count, max(updated_at) as "lastUpdated" from entity
       where source_connection_id = ? group by type order by type`,
      row.id,
    ),
  };
}

export async function listSourceConnections(
  reading: Reading,
  params: ListSourceConnections,
): Promise<SourceConnectionListed[]> {
  const rows = await reading.sql.all<SourceConnectionRow>(
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
      lastJob: await lastJobOf(reading, row.id),
      lastSuccessAt: await lastSuccessOf(reading, row.id),
    })),
  );
}

export async function updateSourceConnection(
  writing: Writing,
  params: SourceConnectionKey & { changes: SourceConnectionChanges; now: number; announce?: readonly Message[] },
): Promise<boolean> {
  const { changes, now } = params;
  const row = await findRow(writing, params);
  if (row === null) return false;
  const columns = changedColumns(writing, changes, now);
  if (changes.authentication !== undefined) columns.push(["sync_id", row.sync_id ?? changes.authentication.syncId]);
  if (columns.length === 0) return true;
  await writing.sql.run(
    `update source_connection set ${columns.map(([name]) => `${name} = ?`).join(", ")},
       ${changes.authentication === undefined ? "" : `${newCredentials}, `}modified_at = ? where id = ?`,
    ...columns.map(([, value]) => value),
    now,
    params.sourceConnectionId,
  );
  // Nor does an authorization that was begun replace what is given now.
  if (changes.authentication !== undefined) await forgetAuthorizations(writing, params.sourceConnectionId);
  await writing.announce(params.announce ?? []);
  return true;
}

export async function deleteSourceConnection(
  writing: Writing,
  params: SourceConnectionKey & { now: number; announce: readonly Message[] },
): Promise<"deleted" | "job_under_way" | "not_found"> {
  const { sql } = writing;
  if ((await findRow(writing, params)) === null) return "not_found";
  const busy = await sql.get(
    "select 1 from sync_job where source_connection_id = ? and state in ('pending', 'running', 'cancelling')",
    params.sourceConnectionId,
  );
  if (busy !== null) return "job_under_way";
  await sql.run(
    "update source_connection set deleted_at = ?, credentials = null, sync_cursor = null where id = ?",
    params.now,
    params.sourceConnectionId,
  );
  await writing.announce(params.announce);
  return "deleted";
}

/** The connection as it is, of any tenant: for the runner. */
export async function readForRun(
  { sql }: Reading,
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

export async function findDueConnections(
  { sql }: Reading,
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
  { sql }: Reading,
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

export async function noteChange({ sql }: Writing, params: Params<"noteChange">): Promise<boolean> {
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

export async function readCredentials(
  { sql, vault }: Reading,
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
  { sql, vault }: Reading,
  { sourceConnectionId }: { sourceConnectionId: SourceConnectionId },
): Promise<string | null> {
  const row = await sql.get<{ sync_cursor: string | null }>(
    "select sync_cursor from source_connection where id = ? and deleted_at is null",
    sourceConnectionId,
  );
  const sealed = row?.sync_cursor ?? null;
  return sealed === null ? null : vault.open(sealed);
}

async function findRow({ sql }: Reading, key: SourceConnectionKey): Promise<SourceConnectionRow | null> {
  return await sql.get<SourceConnectionRow>(
    `${selectConnection} where source_connection.id = ? and source_connection.organization_id = ?
       and source_connection.deleted_at is null`,
    key.sourceConnectionId,
    key.organizationId,
  );
}

async function runsOf({ sql }: Reading, sourceConnectionId: SourceConnectionId): Promise<SourceConnectionView["runs"]> {
  const row = await sql.get<{ total: number; completed: number; failed: number }>(
    `select count(*) as total, count(*) filter (where state = 'completed') as completed,
       count(*) filter (where state = 'failed') as failed from sync_job where source_connection_id = ?`,
    sourceConnectionId,
  );
  return row ?? { total: 0, completed: 0, failed: 0 };
}

function changedColumns({ vault }: Writing, changes: SourceConnectionChanges, now: number): [string, SqlValue][] {
  const columns: [string, SqlValue][] = [];
  if (changes.name !== undefined) columns.push(["name", changes.name]);
  if (changes.description !== undefined) columns.push(["description", changes.description]);
  // Other settings may mean other entities: the next job reads them all.
  if (changes.config !== undefined) columns.push(["config", JSON.stringify(changes.config)], ["sync_cursor", null]);
  if (changes.authentication !== undefined) {
    const { authMethod, credentials, tokensExpireAt } = changes.authentication;
    columns.push(
      ["credentials", vault.seal(JSON.stringify(credentials))],
      ["auth_method", authMethod],
      ["tokens_expire_at", tokensExpireAt],
      ["authenticated_at", now],
    );
  }
  if (changes.schedule !== undefined) columns.push(...scheduleColumns(changes.schedule));
  if (changes.nextRunAt !== undefined) columns.push(["next_run_at", changes.nextRunAt]);
  if (changes.pausedAt !== undefined) columns.push(["paused_at", changes.pausedAt]);
  return columns;
}

function scheduleColumns(schedule: Schedule | null): [string, SqlValue][] {
  const isContinuous = schedule !== null && "continuous" in schedule;
  const cron = schedule === null || "continuous" in schedule ? null : schedule;
  return [
    ["schedule_cron", cron?.cron ?? null],
    ["schedule_time_zone", cron?.timeZone ?? null],
    ["schedule_continuous", isContinuous ? 1 : 0],
  ];
}

function scheduleOf(row: SourceConnectionRow): Schedule | null {
  if (row.schedule_continuous === 1) return { continuous: true };
  return row.schedule_cron === null ? null : { cron: row.schedule_cron, timeZone: row.schedule_time_zone ?? "UTC" };
}

function connectionOf(row: SourceConnectionRow): SourceConnection {
  return {
    id: row.id,
    organizationId: row.organization_id,
    collectionId: row.collection_id,
    readableCollectionId: row.readable_collection_id,
    name: row.name,
    description: row.description,
    source: row.source,
    config: JSON.parse(row.config) as Record<string, unknown>,
    authMethod: row.auth_method,
    authenticatedAt: row.authenticated_at,
    tokensExpireAt: row.tokens_expire_at,
    needsReauthAt: row.needs_reauth_at,
    syncId: row.sync_id,
    schedule: scheduleOf(row),
    nextRunAt: row.next_run_at,
    pausedAt: row.paused_at,
    entityCount: row.entity_count,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  };
}
