import type { CollectionId, SourceConnectionId, SyncJobId } from "../../domain/id.ts";
import type { SyncCounts } from "../../domain/sync-job.ts";
import type { EntityRecord, StoredHash } from "../entity-store.ts";
import { type CountsRow, countsOf } from "./sync-jobs.ts";
import type { Reading, Writing } from "./transaction.ts";

export function readEntityHashes(
  { db }: Reading,
  params: { sourceConnectionId: SourceConnectionId; entityIds: readonly string[] },
): StoredHash[] {
  return db.all<StoredHash>(
    `select id as entityId, hash from entity
     where source_connection_id = ? and id in (select value from json_each(?))`,
    params.sourceConnectionId,
    JSON.stringify(params.entityIds),
  );
}

interface Run {
  readonly jobId: SyncJobId;
  readonly connectionId: SourceConnectionId;
  readonly scope: string;
  readonly now: number;
  readonly counts: { -readonly [Name in keyof SyncCounts]: number };
}

export function storeEntities(
  writing: Writing,
  params: {
    jobId: SyncJobId;
    entities: readonly EntityRecord[];
    failed: readonly { readonly id: string; readonly keeps: boolean }[];
    now: number;
  },
): SyncCounts | null {
  const run = openRun(writing, params.jobId, params.now);
  if (run === null) return null;
  const before = run.counts.inserted;
  for (const entity of params.entities) storeEntity(writing, run, entity);
  for (const { id, keeps } of params.failed) if (keeps) markSeen(writing, run, id);
  run.counts.failed += params.failed.length;
  closeRun(writing, run, run.counts.inserted - before);
  return run.counts;
}

export function deleteUnseenEntities(
  writing: Writing,
  params: { jobId: SyncJobId; limit: number },
): { counts: SyncCounts; left: boolean } | null {
  const run = openRun(writing, params.jobId, 0);
  if (run === null) return null;
  // Two ranges of one index, where `seen_by <> ?` would read every entity.
  const unseen = writing.db.all<{ id: string }>(
    `select id from entity where source_connection_id = ? and seen_by < ?
     union all select id from entity where source_connection_id = ? and seen_by > ? limit ?`,
    run.connectionId,
    run.jobId,
    run.connectionId,
    run.jobId,
    params.limit,
  );
  for (const { id } of unseen) {
    deleteChunks(writing, run.connectionId, id);
    writing.db.run("delete from entity where source_connection_id = ? and id = ?", run.connectionId, id);
  }
  run.counts.deleted += unseen.length;
  closeRun(writing, run, -unseen.length);
  return { counts: run.counts, left: unseen.length === params.limit };
}

export function purgeDeleted(writing: Writing, { limit }: { limit: number }): boolean {
  const { db } = writing;
  const connection = db.get<{ id: SourceConnectionId }>(
    "select id from source_connection where deleted_at is not null order by id limit 1",
  );
  if (connection === null) {
    db.run(
      "delete from collection where id in (select id from collection where deleted_at is not null limit ?)",
      limit,
    );
    return db.get("select 1 from collection where deleted_at is not null limit 1") !== null;
  }
  const chunks = JSON.stringify(
    db
      .all<{ id: number }>("select id from chunk where source_connection_id = ? limit ?", connection.id, limit)
      .map((row) => row.id),
  );
  db.run("delete from chunk_index where rowid in (select value from json_each(?))", chunks);
  const removed = db.run("delete from chunk where id in (select value from json_each(?))", chunks);
  if (removed === limit) return true;
  const entities = db.run(
    `delete from entity where (source_connection_id, id) in
       (select source_connection_id, id from entity where source_connection_id = ? limit ?)`,
    connection.id,
    limit,
  );
  if (entities === limit) return true;
  db.run("delete from sync_job where source_connection_id = ?", connection.id);
  db.run("delete from source_connection where id = ?", connection.id);
  return true;
}

/** The word that stands in the index for a collection. */
export function scopeWord(collectionId: CollectionId): string {
  return `c${collectionId.replaceAll("-", "")}`;
}

function openRun({ db }: Writing, jobId: SyncJobId, now: number): Run | null {
  const row = db.get<CountsRow & { connection_id: SourceConnectionId; collection_id: CollectionId }>(
    `select sync_job.*, source_connection.id as connection_id, collection_id
     from sync_job join source_connection on source_connection.id = source_connection_id
     where sync_job.id = ? and state = 'running' and deleted_at is null`,
    jobId,
  );
  if (row === null) return null;
  return {
    jobId,
    connectionId: row.connection_id,
    scope: scopeWord(row.collection_id),
    now,
    counts: { ...countsOf(row) },
  };
}

function closeRun({ db }: Writing, run: Run, entitiesMore: number): void {
  const { counts } = run;
  db.run(
    `update sync_job set entities_inserted = ?, entities_updated = ?, entities_deleted = ?, entities_skipped = ?,
       entities_failed = ?, chunks_written = ? where id = ?`,
    counts.inserted,
    counts.updated,
    counts.deleted,
    counts.skipped,
    counts.failed,
    counts.chunksWritten,
    run.jobId,
  );
  db.run("update source_connection set entity_count = entity_count + ? where id = ?", entitiesMore, run.connectionId);
}

function storeEntity(writing: Writing, run: Run, entity: EntityRecord): void {
  const { db } = writing;
  const known = db.get<{ hash: string; seen_by: SyncJobId }>(
    "select hash, seen_by from entity where source_connection_id = ? and id = ?",
    run.connectionId,
    entity.id,
  );
  if (known?.seen_by === run.jobId) return;
  if (known?.hash === entity.hash) {
    markSeen(writing, run, entity.id);
    run.counts.skipped += 1;
    return;
  }
  if (entity.chunks === null) throw new Error(`The entity ${entity.id} changed, and its chunks were not given.`);
  db.run(
    `insert into entity (source_connection_id, id, type, name, url, hash, updated_at, seen_by) values (?, ?, ?, ?, ?, ?, ?, ?)
     on conflict do update set type = excluded.type, name = excluded.name, url = excluded.url, hash = excluded.hash,
       updated_at = excluded.updated_at, seen_by = excluded.seen_by`,
    run.connectionId,
    entity.id,
    entity.type,
    entity.name,
    entity.url,
    entity.hash,
    run.now,
    run.jobId,
  );
  if (known !== null) deleteChunks(writing, run.connectionId, entity.id);
  insertChunks(writing, run, entity.id, entity.chunks);
  run.counts[known === null ? "inserted" : "updated"] += 1;
}

function markSeen({ db }: Writing, run: Run, entityId: string): void {
  db.run(
    "update entity set seen_by = ? where source_connection_id = ? and id = ?",
    run.jobId,
    run.connectionId,
    entityId,
  );
}

function insertChunks({ db }: Writing, run: Run, entityId: string, chunks: readonly string[]): void {
  for (const [position, text] of chunks.entries()) {
    const row = db.get<{ id: number }>(
      "insert into chunk (source_connection_id, entity_id, position, text) values (?, ?, ?, ?) returning id",
      run.connectionId,
      entityId,
      position,
      text,
    );
    if (row === null) throw new Error("SQLite stored a chunk and named no id.");
    db.run("insert into chunk_index (rowid, scope, text) values (?, ?, ?)", row.id, run.scope, text);
  }
  run.counts.chunksWritten += chunks.length;
}

function deleteChunks({ db }: Writing, connectionId: SourceConnectionId, entityId: string): void {
  db.run(
    "delete from chunk_index where rowid in (select id from chunk where source_connection_id = ? and entity_id = ?)",
    connectionId,
    entityId,
  );
  db.run("delete from chunk where source_connection_id = ? and entity_id = ?", connectionId, entityId);
}
