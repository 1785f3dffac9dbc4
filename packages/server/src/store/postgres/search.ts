import { limits } from "../../domain/limits.ts";
import { typesIn } from "../../domain/search-filter.ts";
import { searchTerms, searchWords } from "../../domain/search-words.ts";
import type { SearchCollection, SearchHit } from "../entities/interface.ts";
import { entityTimes, searchConditions } from "../entities/search-conditions.ts";
import type { ReadContext } from "../sql.ts";
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
const matchesPerStepMax = 10_000;
/** A block has this many ids, and a block of the next level as many blocks as the exponents of 2 differ. */
const blockIds = 8_192;
const blockLevels = [8, 4, 0] as const;
/** The index compares every chunk that it considers with all words of a query, so that a query names few blocks and types. */
const blocksNamedMax = 16;
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
 * The ids of the newest chunks that have a word of a tsquery and match the filters. The index returns all chunks of a query before the first
 * one is read, so that each step names the blocks of the ids that it reads. A step that finds too many chunks is repeated with
 * fewer blocks, and after a step that finds few the next one has more.
 */
async function newestMatches(sql: PostgresSql, params: SearchCollection, words: string): Promise<string[]> {
  const { searchCandidatesMax: wanted } = limits;
  const newest = await sql.get<{ id: number | null }>("select max(id) as id from chunk");
  const scopes = scopesOf(params);
  const ids: string[] = [];
  let end = Math.floor((newest?.id ?? 0) / blockIds) + 1;
  let count = 2;
  while (ids.length < wanted && end > 0) {
    const blocks = newestBlocks(end, count);
    const query = `(${words}) & ${anyOf(scopes.flatMap((scope) => blocks.words.map((block) => scope + block)))}`;
    const step = await matchesIn(sql, params, { query, limit: wanted - ids.length });
    if (step.matches > matchesPerStepMax) {
      count = Math.max(1, Math.floor(blocks.count / 8));
      continue;
    }
    ids.push(...step.ids);
    const perBlock = step.ids.length / blocks.count;
    const needed = perBlock === 0 ? Number.POSITIVE_INFINITY : Math.ceil((wanted - ids.length) / perBlock);
    count = Math.max(1, Math.min(4 * blocks.count, needed));
    end -= blocks.count;
  }
  return ids;
}

interface Blocks {
  /** The ends of their words in the index, after the scope. */
  readonly words: readonly string[];
  /** How many of the smallest blocks they are. */
  readonly count: number;
}

/** At most `countMax` blocks before `end`, newest first, in as large blocks as possible. */
function newestBlocks(end: number, countMax: number): Blocks {
  const words: string[] = [];
  let at = end;
  while (at > 0 && at > end - countMax && words.length < blocksNamedMax) {
    const fits = (level: number) => at % 2 ** level === 0 && at - 2 ** level >= end - countMax;
    const level = blockLevels.find(fits) ?? 0;
    at -= 2 ** level;
    words.push(`${level}/${at / 2 ** level}`);
  }
  return { words, count: end - at };
}

/** `matches`: the chunks that match the query, whether or not they match the filters, at most one more than a step may read. */
async function matchesIn(
  sql: PostgresSql,
  params: SearchCollection,
  { query, limit }: { readonly query: string; readonly limit: number },
): Promise<{ readonly matches: number; readonly ids: readonly string[] }> {
  const { join, where, values } = searchConditions(sql.dialect, params);
  const found = await sql.get<{ matches: number; ids: string[] }>(
    `with matching as materialized (
       select chunk.id, chunk.source_connection_id, entity_id, position from chunk
       where ${indexed} @@ cast(? as tsquery) limit ${matchesPerStepMax + 1}
     )
     select cast((select count(*) from matching) as integer) as matches, array(
       select chunk.id from matching as chunk join source_connection on source_connection.id = chunk.source_connection_id ${join}
       where organization_id = ? and deleted_at is null ${where} order by chunk.id desc limit ?) as ids`,
    query,
    params.organizationId,
    ...values,
    limit,
  );
  return found ?? { matches: 0, ids: [] };
}

function anyOf(words: readonly string[]): string {
  return `(${words.map((word) => `'${word.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`).join(" | ")})`;
}
