import { indexedPairs } from "../../domain/character-pairs.ts";
import type { SourceConnectionId, SyncJobId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { SyncCounts } from "../../domain/sync-job.ts";
import type { CommandsOf, Params, QueriesOf } from "../operations.ts";
import { insertion, type ReadContext, type WriteContext } from "../sql.ts";
import { type CountsRow, countsOf } from "../sync-jobs/job-row.ts";
import type { EntityRecord, EntityStore, ReadCursor, StoredHash } from "./interface.ts";

export const lookUps = { readEntityHashes } satisfies QueriesOf<EntityStore>;

export const commands = { storeEntities, deleteUnseenEntities } satisfies CommandsOf<EntityStore>;

// The positions of an entity's chunks begin at 0. The last one is the end of an index.
const chunkCount = `coalesce((select position + 1 from chunk
  where chunk.source_connection_id = entity.source_connection_id and chunk.entity_id = entity.id
  order by position desc limit 1), 0)`;

async function readEntityHashes(
  { sql }: ReadContext,
  params: { sourceConnectionId: SourceConnectionId; entityIds: readonly string[] },
): Promise<StoredHash[]> {
  return await sql.all<StoredHash>(
    `select id as "entityId", hash, ${chunkCount} as chunks from entity
     where source_connection_id = ? and id in (${sql.dialect.eachText})`,
    params.sourceConnectionId,
    sql.dialect.textsValue(params.entityIds),
  );
}

interface Run {
  readonly jobId: SyncJobId;
  readonly connectionId: SourceConnectionId;
  readonly startedAt: number;
  /** Which of the job's tries this is. */
  readonly tries: number;
  /** How many batches were stored. */
  batches: number;
  readonly now: number;
  readonly counts: { -readonly [Name in keyof SyncCounts]: number };
}

async function storeEntities(context: WriteContext, params: Params<"storeEntities">): Promise<SyncCounts | null> {
  const run = await openRun(context, params.jobId, params.now);
  if (run === null) return null;
  const { batchesBefore = run.batches } = params;
  if (batchesBefore !== run.batches) {
    throw new Error(`The job ${run.jobId} has stored ${run.batches} batches instead of ${batchesBefore}.`);
  }
  run.batches += 1;
  const deleted = await deleteEntities(context, run, params.gone);
  const known = await readKnown(context, run, params.entities);
  const batch = sortBatch(run, known, params.entities);
  await putEntities(context, run, batch);
  const unreadable = params.failed.filter(({ keeps }) => keeps);
  await noteSeen(context, run, run.tries, batch.unchanged);
  await noteSeen(context, run, -run.tries, unreadable);
  run.counts.inserted += batch.inserted;
  run.counts.updated += batch.updated;
  run.counts.skipped += batch.skipped;
  run.counts.failed += params.failed.length;
  await closeRun(context, run, batch.inserted - deleted);
  if (params.cursor !== null) await keepCursor(context, run, params.cursor);
  return run.counts;
}

/** Records the try that saw entities; negative if it could not read them. */
async function noteSeen(
  { sql }: WriteContext,
  run: Run,
  seenTry: number,
  entities: readonly { readonly id: string }[],
): Promise<void> {
  if (entities.length === 0) return;
  await sql.run(
    `update entity set seen_by = ?, seen_try = ? where source_connection_id = ? and id in (${sql.dialect.eachText})`,
    run.jobId,
    seenTry,
    run.connectionId,
    sql.dialect.textsValue(entities.map(({ id }) => id)),
  );
}

async function deleteEntities(context: WriteContext, run: Run, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const { sql } = context;
  await deleteChunks(context, run, ids);
  const deleted = await sql.run(
    `delete from entity where source_connection_id = ? and id in (${sql.dialect.eachText})`,
    run.connectionId,
    sql.dialect.textsValue(ids),
  );
  run.counts.deleted += deleted;
  return deleted;
}

async function deleteChunks({ sql }: WriteContext, run: Run, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql.run(
    `delete from chunk where source_connection_id = ? and entity_id in (${sql.dialect.eachText})`,
    run.connectionId,
    sql.dialect.textsValue(ids),
  );
}

async function keepCursor({ sql, vault }: WriteContext, run: Run, { value, config }: ReadCursor): Promise<void> {
  await sql.run(
    "update source_connection set sync_cursor = ? where id = ? and config = ?",
    vault.seal(value),
    run.connectionId,
    JSON.stringify(config),
  );
}

interface KnownEntity {
  readonly id: string;
  readonly hash: string;
  readonly updated_at: number;
  readonly seen_by: SyncJobId;
  readonly seen_try: number;
}

async function readKnown(
  { sql }: WriteContext,
  run: Run,
  entities: readonly EntityRecord[],
): Promise<Map<string, KnownEntity>> {
  const rows = await sql.all<KnownEntity>(
    `select id, hash, updated_at, seen_by, seen_try from entity
     where source_connection_id = ? and id in (${sql.dialect.eachText})`,
    run.connectionId,
    sql.dialect.textsValue(entities.map((entity) => entity.id)),
  );
  return new Map(rows.map((row) => [row.id, row]));
}

interface EntityBatch {
  readonly changed: (EntityRecord & { readonly chunks: readonly string[]; readonly isNew: boolean })[];
  readonly unchanged: EntityRecord[];
  inserted: number;
  updated: number;
  skipped: number;
}

function sortBatch(run: Run, known: ReadonlyMap<string, KnownEntity>, entities: readonly EntityRecord[]): EntityBatch {
  const batch: EntityBatch = { changed: [], unchanged: [], inserted: 0, updated: 0, skipped: 0 };
  const seen = new Set<string>();
  for (const entity of entities) {
    const before = known.get(entity.id);
    if (seen.has(entity.id) || (isSeenInThisTry(run, before) && entity.replacesEarlier !== true)) continue;
    seen.add(entity.id);
    const counted = countedInEarlierTry(run, before);
    if (before?.hash === entity.hash) {
      batch.unchanged.push(entity);
      if (counted === null) batch.skipped += 1;
      continue;
    }
    const { chunks } = entity;
    if (chunks === null) throw new Error(`The entity ${entity.id} changed, but its chunks are missing.`);
    batch.changed.push({ ...entity, chunks, isNew: before === undefined });
    if (before === undefined) batch.inserted += 1;
    else if (counted !== "stored") batch.updated += 1;
    if (counted === "skipped") batch.skipped -= 1;
  }
  return batch;
}

function isSeenInThisTry(
  { jobId, tries }: Run,
  before: Pick<KnownEntity, "seen_by" | "seen_try"> | undefined,
): boolean {
  return before?.seen_by === jobId && Math.abs(before.seen_try) === tries;
}

/**
 * The outcome with which an earlier try of the job counted an entity. An entity that could not be read then is counted
 * when a later try reads it.
 */
function countedInEarlierTry({ jobId, startedAt }: Run, before: KnownEntity | undefined): "stored" | "skipped" | null {
  if (before?.seen_by !== jobId || before.seen_try < 0) return null;
  return before.updated_at >= startedAt ? "stored" : "skipped";
}

const putEntity = insertion(
  "entity",
  {
    ...{ source_connection_id: "uuid", id: "text", type: "text", name: "text", url: "text", hash: "text" },
    ...{ source_created_at: "bigint", source_updated_at: "bigint", breadcrumbs: "text" },
    ...{ created_at: "bigint", updated_at: "bigint", written_by: "uuid", seen_by: "uuid", seen_try: "integer" },
  },
  `on conflict (source_connection_id, id) do update set type = excluded.type, name = excluded.name, url = excluded.url,
     hash = excluded.hash, source_created_at = excluded.source_created_at,
     source_updated_at = excluded.source_updated_at, breadcrumbs = excluded.breadcrumbs,
     updated_at = excluded.updated_at, written_by = excluded.written_by,
     seen_by = excluded.seen_by, seen_try = excluded.seen_try`,
);

const putChunk = insertion("chunk", {
  ...{ source_connection_id: "uuid", entity_id: "text", position: "integer" },
  ...{ text: "text", pairs: "text", heading: "text" },
});

async function putEntities(context: WriteContext, run: Run, { changed }: EntityBatch): Promise<void> {
  const { sql } = context;
  await sql.insertEach(
    putEntity,
    changed.map((entity) => [
      ...[run.connectionId, entity.id, entity.type, entity.name, entity.url, entity.hash],
      ...[entity.createdAt, entity.updatedAt, breadcrumbsValue(entity)],
      ...[run.now, run.now, run.jobId, run.jobId, run.tries],
    ]),
  );
  const replaced = changed.filter(({ isNew }) => !isNew).map(({ id }) => id);
  await deleteChunks(context, run, replaced);
  run.counts.chunksWritten += await sql.insertEach(
    putChunk,
    changed.flatMap(({ id, chunks, ...entity }) => {
      const heading = headingOf(entity);
      return chunks.map((text, position) => [run.connectionId, id, position, text, indexedPairs(text), heading]);
    }),
  );
}

function breadcrumbsValue({ breadcrumbs }: EntityRecord): string | null {
  return breadcrumbs.length === 0 ? null : JSON.stringify(breadcrumbs);
}

function headingOf({ name, breadcrumbs }: Pick<EntityRecord, "name" | "breadcrumbs">): string {
  const names = [...breadcrumbs.map((breadcrumb) => breadcrumb.name), name].join(" ");
  return [names, indexedPairs(names) ?? ""].join(" ").trimEnd();
}

interface RemovableRow {
  readonly id: string;
  readonly chunks: number;
}

/** The first of these entities, as many as one commit may remove. */
function removedAtOnce(rows: readonly RemovableRow[]): string[] {
  let chunks = 0;
  const end = rows.findIndex((row) => {
    chunks += row.chunks;
    return chunks > limits.syncRemovedChunksMax;
  });
  return rows.slice(0, end === -1 ? rows.length : Math.max(1, end)).map(({ id }) => id);
}

async function deleteUnseenEntities(
  context: WriteContext,
  { jobId, seenBy, idPrefix, after, limit, deletedMax }: Params<"deleteUnseenEntities">,
): Promise<{ counts: SyncCounts; next: string | null } | null> {
  const run = await openRun(context, jobId, 0);
  if (run === null) return null;
  const { sql } = context;
  // Ids have a binary order, in which no character follows the last one of Unicode.
  const [until, end] = idPrefix === "" ? ["", []] : ["and id < ?", [`${idPrefix}\u{10ffff}`]];
  const range = [run.connectionId, after ?? idPrefix, ...end];
  const last = await sql.get<{ id: string }>(
    `select id from entity where source_connection_id = ? and id > ? ${until} order by id limit 1 offset ?`,
    ...range,
    limit - 1,
  );
  const unseen = await sql.all<RemovableRow>(
    `select id, ${chunkCount} as chunks from entity
     where source_connection_id = ? and id > ? ${until} ${last === null ? "" : "and id <= ?"}
       and (seen_by <> ? or abs(seen_try) <> ?) and seen_by not in (${sql.dialect.eachId})
     order by id limit ?`,
    ...range,
    ...(last === null ? [] : [last.id]),
    jobId,
    run.tries,
    JSON.stringify(seenBy),
    deletedMax + 1,
  );
  const removed = removedAtOnce(unseen.slice(0, deletedMax));
  const deleted = await deleteEntities(context, run, removed);
  await closeRun(context, run, -deleted);
  const next = removed.length < unseen.length ? removed.at(-1) : last?.id;
  return { counts: run.counts, next: next ?? null };
}

interface JobRow extends CountsRow {
  readonly connection_id: SourceConnectionId;
  readonly started_at: number;
  readonly tries: number;
  readonly batches: number;
}

async function openRun({ sql }: WriteContext, jobId: SyncJobId, now: number): Promise<Run | null> {
  const row = await sql.get<JobRow>(
    `select sync_job.*, source_connection.id as connection_id
     from sync_job join source_connection on source_connection.id = source_connection_id
     where sync_job.id = ? and state = 'running' and deleted_at is null ${sql.dialect.forUpdate}`,
    jobId,
  );
  if (row === null) return null;
  const { connection_id: connectionId, started_at: startedAt, tries, batches } = row;
  return { jobId, connectionId, startedAt, tries, batches, now, counts: { ...countsOf(row) } };
}

async function closeRun({ sql, changeLog }: WriteContext, run: Run, entitiesMore: number): Promise<void> {
  const { counts } = run;
  changeLog.syncJob(run.jobId);
  await sql.run(
    `update sync_job set entities_inserted = ?, entities_updated = ?, entities_deleted = ?, entities_skipped = ?,
       entities_failed = ?, chunks_written = ?, batches = ? where id = ?`,
    counts.inserted,
    counts.updated,
    counts.deleted,
    counts.skipped,
    counts.failed,
    counts.chunksWritten,
    run.batches,
    run.jobId,
  );
  await sql.run(
    "update source_connection set entity_count = entity_count + ? where id = ?",
    entitiesMore,
    run.connectionId,
  );
}
