import type { Collection } from "../../domain/collection.ts";
import type { CollectionId, OrganizationId, SourceConnectionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { SyncJobState } from "../../domain/sync-job.ts";
import type { CommandsOf, QueriesOf } from "../operations.ts";
import { lastId, type ReadContext, type Sql, type WriteContext } from "../sql.ts";
import type { CollectionKey, CollectionStore, CollectionView, ListCollections } from "./interface.ts";
import { purgeDeleted } from "./purge-deleted.ts";

export const lookUps = { readCollection } satisfies QueriesOf<CollectionStore>;

export const lists = { listCollections, countCollections } satisfies QueriesOf<CollectionStore>;

export const commands = {
  createCollection,
  updateCollection,
  deleteCollection,
  purgeDeleted,
} satisfies CommandsOf<CollectionStore>;

interface CollectionRow {
  readonly id: CollectionId;
  readonly organization_id: OrganizationId;
  readonly readable_id: string;
  readonly name: string;
  readonly sync_config: string | null;
  readonly created_at: number;
  readonly modified_at: number;
}

async function createCollection(
  context: WriteContext,
  params: { collection: Collection; announce: readonly Message[] },
): Promise<"created" | "taken"> {
  const { collection } = params;
  const stored = await context.sql.run(
    `insert into collection (id, organization_id, readable_id, name, sync_config, created_at, modified_at)
     values (?, ?, ?, ?, ?, ?, ?) on conflict (organization_id, readable_id) where deleted_at is null do nothing`,
    collection.id,
    collection.organizationId,
    collection.readableId,
    collection.name,
    collection.syncConfig,
    collection.createdAt,
    collection.modifiedAt,
  );
  if (stored === 0) return "taken";
  await context.announce(params.announce);
  return "created";
}

async function readCollection(context: ReadContext, key: CollectionKey): Promise<CollectionView | null> {
  const row = await context.sql.get<CollectionRow>(
    "select * from collection where organization_id = ? and readable_id = ? and deleted_at is null",
    key.organizationId,
    key.readableId,
  );
  return row === null ? null : ((await withConnections(context, [row]))[0] ?? null);
}

async function listCollections(context: ReadContext, params: ListCollections): Promise<CollectionView[]> {
  const rows = await context.sql.all<CollectionRow>(
    `select * from collection where organization_id = ? and deleted_at is null and id < ? and ${matchesSearch(context.sql)}
     order by id desc limit ? offset ?`,
    params.organizationId,
    params.cursor ?? lastId,
    ...searchValues(params.search),
    params.limit,
    params.skip,
  );
  return await withConnections(context, rows);
}

async function countCollections(
  { sql }: ReadContext,
  params: { organizationId: OrganizationId; search: string | null },
): Promise<number> {
  const row = await sql.get<{ count: number }>(
    `select count(*) as count from collection where organization_id = ? and deleted_at is null and ${matchesSearch(sql)}`,
    params.organizationId,
    ...searchValues(params.search),
  );
  return row?.count ?? 0;
}

function matchesSearch({ dialect }: Sql): string {
  return `(cast(? as text) is null or ${dialect.contains("name")} or ${dialect.contains("readable_id")})`;
}

function searchValues(search: string | null): [string | null, string | null, string | null] {
  return [search, search, search];
}

async function updateCollection(
  context: WriteContext,
  params: { before: Collection; after: Collection; announce: readonly Message[] },
): Promise<boolean> {
  const { before, after } = params;
  const changed = await context.sql.run(
    `update collection set name = ?, sync_config = ?, modified_at = ?
     where id = ? and organization_id = ? and name = ? and sync_config is not distinct from ? and deleted_at is null`,
    after.name,
    after.syncConfig,
    after.modifiedAt,
    before.id,
    before.organizationId,
    before.name,
    before.syncConfig,
  );
  if (changed === 0) return false;
  await context.announce(params.announce);
  return true;
}

async function deleteCollection(
  context: WriteContext,
  params: {
    organizationId: OrganizationId;
    collectionId: CollectionId;
    connectionIds: readonly SourceConnectionId[];
    now: number;
    announce: readonly Message[];
  },
): Promise<"deleted" | "changed" | "job_under_way" | "not_found"> {
  const { sql } = context;
  const { organizationId, collectionId, now } = params;
  const live = await sql.get(
    `select 1 from collection where id = ? and organization_id = ? and deleted_at is null ${sql.dialect.forUpdate}`,
    collectionId,
    organizationId,
  );
  if (live === null) return "not_found";
  const connections = await sql.all<{ id: SourceConnectionId }>(
    `select id from source_connection where collection_id = ? and deleted_at is null order by id ${sql.dialect.forUpdate}`,
    collectionId,
  );
  if (connections.map((row) => row.id).join() !== params.connectionIds.toSorted().join()) return "changed";
  const busy = await sql.get(
    `select 1 from source_connection join sync_job on sync_job.source_connection_id = source_connection.id
     where collection_id = ? and deleted_at is null and state in ('pending', 'running', 'cancelling') limit 1`,
    collectionId,
  );
  if (busy !== null) return "job_under_way";
  await sql.run("update collection set deleted_at = ? where id = ?", now, collectionId);
  await sql.run(
    "update source_connection set deleted_at = ?, credentials = null where collection_id = ? and deleted_at is null",
    now,
    collectionId,
  );
  await context.announce(params.announce);
  return "deleted";
}

interface FeedRow {
  readonly collection_id: CollectionId;
  readonly id: SourceConnectionId;
  readonly source: string;
  readonly name: string;
  readonly authenticated_at: number | null;
  readonly last_job: SyncJobState | null;
  readonly has_completed: number;
}

/** One query for the connections of a whole page. */
async function withConnections({ sql }: ReadContext, rows: readonly CollectionRow[]): Promise<CollectionView[]> {
  const feeds = await sql.all<FeedRow>(
    `select collection_id, id, source, name, authenticated_at,
       (select state from sync_job where source_connection_id = source_connection.id order by sync_job.id desc limit 1) as last_job,
       case when exists (select 1 from sync_job where source_connection_id = source_connection.id and state = 'completed')
         then 1 else 0 end as has_completed
     from source_connection where collection_id in (${sql.dialect.eachId}) and deleted_at is null order by id`,
    JSON.stringify(rows.map((row) => row.id)),
  );
  const byCollection = Map.groupBy(feeds, (feed) => feed.collection_id);
  return rows.map((row) => ({
    ...collectionOf(row),
    connections: (byCollection.get(row.id) ?? []).map((feed) => ({
      id: feed.id,
      source: feed.source,
      name: feed.name,
      isAuthenticated: feed.authenticated_at !== null,
      lastJob: feed.last_job,
      hasCompleted: feed.has_completed === 1,
    })),
  }));
}

function collectionOf(row: CollectionRow): Collection {
  return {
    id: row.id,
    organizationId: row.organization_id,
    readableId: row.readable_id,
    name: row.name,
    syncConfig: row.sync_config,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  };
}
