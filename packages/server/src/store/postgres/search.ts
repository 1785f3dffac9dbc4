import { limits } from "../../domain/limits.ts";
import { searchTerms, searchWords } from "../../domain/search-words.ts";
import type { SearchCollection, SearchHit } from "../entities/interface.ts";
import { searchConditions } from "../entities/search-conditions.ts";
import type { ReadContext } from "../sql.ts";

const query = "to_tsquery('simple', terms)";
const pairs = "to_tsvector('simple', pairs)";

// The indexed text of a chunk, and the condition that it matches. Pairs of characters have an index of their own.
const wordsAlone = ["words", `words @@ ${query}`] as const;
const withPairs = [
  `words || coalesce(${pairs}, '')`,
  `(words @@ ${query} or (pairs is not null and ${pairs} @@ ${query}))`,
] as const;

export async function searchCollection({ sql }: ReadContext, params: SearchCollection): Promise<SearchHit[]> {
  // Without the diacritics that the index leaves out too.
  const words = searchWords(params.query.normalize("NFD").replaceAll(/[\u0300-\u036F]/g, ""));
  const terms = searchTerms(words, params.query);
  if (terms.length === 0) return [];
  const [index, matches] = terms.length > words.length ? withPairs : wordsAlone;
  const { join, where, values } = searchConditions(sql.dialect, params);
  return await sql.all<SearchHit>(
    `with wanted as (
       select string_agg(cast(term as text), ' | ') as terms
       from json_array_elements_text(cast(? as json)) as word, plainto_tsquery('weft.words', word) as term
       where numnode(term) > 0
     ), candidates as materialized (
       select chunk.id from wanted, source_connection join chunk on chunk.source_connection_id = source_connection.id
         ${join}
       where ${matches} and collection_id = ? and organization_id = ? and deleted_at is null ${where}
       order by chunk.id desc limit ${limits.searchCandidatesMax}
     ), best as (
       select chunk.id, ts_rank_cd(${index}, to_tsquery('simple', terms)) as score
       from wanted, candidates join chunk on chunk.id = candidates.id
       order by score desc, chunk.id limit ? offset ?)
     select chunk.source_connection_id as "sourceConnectionId", source, entity_id as "entityId", entity.type, entity.name,
       entity.url, position, text, sync_id as "syncId", coalesce(entity.written_by, entity.seen_by) as "syncJobId",
       coalesce(entity.created_at, entity.updated_at) as "createdAt", entity.updated_at as "updatedAt", score
     from best join chunk on chunk.id = best.id
       join entity on entity.source_connection_id = chunk.source_connection_id and entity.id = entity_id
       join source_connection on source_connection.id = chunk.source_connection_id
     order by score desc, best.id`,
    sql.dialect.textsValue(terms),
    params.collectionId,
    params.organizationId,
    ...values,
    params.limit,
    params.offset,
  );
}
