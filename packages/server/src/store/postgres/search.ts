import { limits } from "../../domain/limits.ts";
import { typesIn } from "../../domain/search-filter.ts";
import { searchTerms, searchWords } from "../../domain/search-words.ts";
import type { SearchCollection, SearchHit } from "../entities/interface.ts";
import { entityTimes, searchConditions } from "../entities/search-conditions.ts";
import type { ReadContext } from "../sql.ts";
import { BlockWalk } from "./block-walk.ts";
import type { PostgresSql } from "./postgres-sql.ts";

type Context = ReadContext & { readonly sql: PostgresSql };

// The expression of the index `chunks_by_words`.
const indexed = "search_words_of(words, heading_words, pairs, scope, chunk.id)";

// The words that count for the rank. Most queries have no pairs of characters, so that pairs are left out then.
const ranked = "words || coalesce(heading_words, '')";
const rankedWithPairs = `${ranked} || coalesce(to_tsvector('simple', pairs), '')`;

// The weights of the classes D to A: words of the text have the class D, words of the heading A.
const weights = "'{0.25, 0.25, 0.25, 1}'";

/** One step reads at most this many chunks with the words of a search. It is more than a block has. */
const chunksPerStepMax = 10_000;
/** A search for more types finds them among those of its collection. */
const typesNamedMax = 4;

export async function searchCollection(context: Context, params: SearchCollection): Promise<SearchHit[]> {
  const { sql } = context;
  // The plans below depend on no estimates: the index always finds the chunks.
  await sql.simply("set local enable_seqscan to off; set local max_parallel_workers_per_gather to 0");
  // Without the diacritics that the index leaves out too.
  const queryWords = searchWords(params.query.normalize("NFD").replaceAll(/[\u0300-\u036F]/g, ""));
  const terms = searchTerms(queryWords, params.query);
  const words = await queryOf(sql, terms);
  if (words === null) return [];
  const ids = await newestMatches(sql, params, words);
  return await sql.all<SearchHit>(
    `with best as (
       select chunk.id, ts_rank_cd(${weights}, ${terms.length > queryWords.length ? rankedWithPairs : ranked}, cast(? as tsquery)) as score
       from json_array_elements_text(cast(? as json)) as candidate join chunk on chunk.id = cast(candidate as bigint)
       order by score desc, chunk.id limit ? offset ?)
     select chunk.source_connection_id as "sourceConnectionId", source, entity_id as "entityId", entity.type, entity.name,
       entity.url, position, text, sync_id as "syncId", coalesce(entity.written_by, entity.seen_by) as "syncJobId",
       ${entityTimes.createdAt} as "createdAt", ${entityTimes.updatedAt} as "updatedAt", entity.breadcrumbs, score
     from best join chunk on chunk.id = best.id
       join entity on entity.source_connection_id = chunk.source_connection_id and entity.id = entity_id
       join source_connection on source_connection.id = chunk.source_connection_id
     order by score desc, best.id`,
    words,
    JSON.stringify(ids),
    params.limit,
    params.offset,
  );
}

/** The terms as the text of a tsquery; null without any. */
async function queryOf(sql: PostgresSql, terms: readonly string[]): Promise<string | null> {
  if (terms.length === 0) return null;
  const row = await sql.get<{ words: string | null }>(
    `select string_agg(cast(term as text), ' | ') as words
     from json_array_elements_text(cast(? as json)) as word, plainto_tsquery('weft.words', word) as term
     where numnode(term) > 0`,
    sql.dialect.textsValue(terms),
  );
  return row?.words ?? null;
}

/** The scopes that together have all chunks that a search may find. */
function scopesOf({ collectionId, types: wanted, filter }: SearchCollection): string[] {
  const types = [...(wanted ?? typesIn(filter) ?? [])];
  if (types.length === 0 || types.length > typesNamedMax) return [`${collectionId}/`];
  return types.map((type) => `${collectionId}/${type}/`);
}

/**
 * The ids of the newest chunks that have a word of a tsquery and match the filters. The index finds all chunks of a query before
 * the first one is read, so that each step names the blocks of ids that it reads.
 */
async function newestMatches(sql: PostgresSql, params: SearchCollection, words: string): Promise<string[]> {
  const newest = await sql.get<{ id: number | null }>("select max(id) as id from chunk");
  const scopes = scopesOf(params);
  const walk = new BlockWalk(newest?.id ?? 0, {
    wanted: limits.searchCandidatesMax,
    perStepMax: chunksPerStepMax,
    examinedMax: limits.searchExaminedMax,
  });
  const ids: string[] = [];
  while (!walk.isOver) {
    const blocks = scopes.flatMap((scope) => walk.blocks().map((block) => scope + block));
    const step = await matchesIn(sql, params, { query: `(${words}) & ${anyOf(blocks)}`, limit: walk.missing });
    if (walk.take(step.examined, step.ids.length)) ids.push(...step.ids);
  }
  return ids;
}

/** `examined`: how many chunks match the query, whether or not they match the filters; at most one more than a step may read. */
async function matchesIn(
  sql: PostgresSql,
  params: SearchCollection,
  { query, limit }: { readonly query: string; readonly limit: number },
): Promise<{ readonly examined: number; readonly ids: readonly string[] }> {
  const { join, where, values } = searchConditions(sql.dialect, params);
  const found = await sql.get<{ examined: number; ids: string[] }>(
    `with matching as materialized (
       select chunk.id, chunk.source_connection_id, entity_id, position from chunk
       where ${indexed} @@ cast(? as tsquery) limit ${chunksPerStepMax + 1}
     )
     select cast((select count(*) from matching) as integer) as examined, array(
       select chunk.id from matching as chunk join source_connection on source_connection.id = chunk.source_connection_id ${join}
       where organization_id = ? and deleted_at is null ${where} order by chunk.id desc limit ?) as ids`,
    query,
    params.organizationId,
    ...values,
    limit,
  );
  return found ?? { examined: 0, ids: [] };
}

function anyOf(words: readonly string[]): string {
  return `(${words.map((word) => `'${word.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`).join(" | ")})`;
}
