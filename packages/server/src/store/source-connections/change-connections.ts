import type { Authorization } from "../../domain/authorization.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import type { Schedule, SourceConnection } from "../../domain/source-connection.ts";
import type { PendingJob } from "../../domain/sync-job.ts";
import { forgetAuthorizations, insertAuthorization, newCredentials } from "../authorizations/sql.ts";
import { hasRoomFor } from "../room-for-more.ts";
import type { SqlValue, WriteContext } from "../sql.ts";
import { insertSyncJob } from "../sync-jobs/change-jobs.ts";
import type { Credentials, SourceConnectionChanges, SourceConnectionKey } from "./interface.ts";
import { findRow } from "./read-connections.ts";

export async function createSourceConnection(
  context: WriteContext,
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
  const collection = await context.sql.get<{ connections: number }>(
    `select (select count(*) from source_connection where collection_id = collection.id and deleted_at is null) as connections
     from collection where id = ? and organization_id = ? and deleted_at is null ${context.sql.dialect.forUpdate}`,
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
  if (!(await hasRoomFor(context, 1, others))) return "full";
  await insertConnection(context, connection, params.credentials);
  if (params.job !== null) await insertSyncJob(context, params.job, params.announce);
  if (authorization !== null) await insertAuthorization(context, authorization);
  await context.announce(params.announce);
  return "created";
}

async function insertConnection(
  { sql, vault }: WriteContext,
  connection: SourceConnection,
  credentials: Credentials | null,
): Promise<void> {
  await sql.run(
    `insert into source_connection (id, organization_id, collection_id, name, description, metadata, source, config, credentials,
       auth_method, authenticated_at, tokens_expire_at, sync_id, schedule_cron, schedule_time_zone, schedule_continuous,
       next_run_at, created_at, modified_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    connection.id,
    connection.organizationId,
    connection.collectionId,
    connection.name,
    connection.description,
    JSON.stringify(connection.metadata),
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

export async function updateSourceConnection(
  context: WriteContext,
  params: SourceConnectionKey & { changes: SourceConnectionChanges; now: number; announce?: readonly Message[] },
): Promise<boolean> {
  const { changes, now } = params;
  const row = await findRow(context, params);
  if (row === null) return false;
  const columns = changedColumns(context, changes, now);
  if (changes.authentication !== undefined) columns.push(["sync_id", row.sync_id ?? changes.authentication.syncId]);
  if (columns.length === 0) return true;
  await context.sql.run(
    `update source_connection set ${columns.map(([name]) => `${name} = ?`).join(", ")},
       ${changes.authentication === undefined ? "" : `${newCredentials}, `}modified_at = ? where id = ?`,
    ...columns.map(([, value]) => value),
    now,
    params.sourceConnectionId,
  );
  // A pending authorization must not replace the new credentials.
  if (changes.authentication !== undefined) await forgetAuthorizations(context, params.sourceConnectionId);
  await context.announce(params.announce ?? []);
  return true;
}

export async function deleteSourceConnection(
  context: WriteContext,
  params: SourceConnectionKey & { now: number; announce: readonly Message[] },
): Promise<"deleted" | "job_under_way" | "not_found"> {
  const { sql } = context;
  if ((await findRow(context, params)) === null) return "not_found";
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
  await context.announce(params.announce);
  return "deleted";
}

function changedColumns({ vault }: WriteContext, changes: SourceConnectionChanges, now: number): [string, SqlValue][] {
  const columns: [string, SqlValue][] = [];
  if (changes.name !== undefined) columns.push(["name", changes.name]);
  if (changes.description !== undefined) columns.push(["description", changes.description]);
  if (changes.metadata !== undefined) columns.push(["metadata", JSON.stringify(changes.metadata)]);
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
