import { limits } from "../../domain/limits.ts";
import { searchTerms, searchWords } from "../../domain/search-words.ts";
import type { SearchCollection, SearchHit } from "../entities/interface.ts";
import { entityTimes, searchConditions } from "../entities/search-conditions.ts";
import type { ReadContext } from "../sql.ts";

const query = "to_tsquery('simple', terms)";
const pairs = "to_tsvector('simple', pairs)";

// The indexed words of a chunk, and the condition that they match. Headings and pairs of characters have indexes of their own.
const words = "words || coalesce(heading_words, '')";
const wordsMatch = `words @@ ${query} or (heading_words is not null and heading_words @@ ${query})`;
const wordsAlone = [words, `(${wordsMatch})`] as const;
const withPairs = [
  `${words} || coalesce(${pairs}, '')`,
  `(${wordsMatch} or (pairs is not null and ${pairs} @@ ${query}))`,
] as const;

// The weights of the classes D to A: words of the text have the class D, words of the heading A.
const weights = "'{0.25, 0.25, 0.25, 1}'";

export async function searchCollection({ sql }: ReadContext, params: SearchCollection): Promise<SearchHit[]> {
  // Without the diacritics that the index leaves out too.
  const queryWords = searchWords(params.query.normalize("NFD").replaceAll(/[\u0300-\u036F]/g, ""));
  const terms = searchTerms(queryWords, params.query);
  if (terms.length === 0) return [];
  const [index, matches] = terms.length > queryWords.length ? withPairs : wordsAlone;
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
       select chunk.id, ts_rank_cd(${weights}, ${index}, to_tsquery('simple', terms)) as score
       from wanted, candidates join chunk on chunk.id = candidates.id
       order by score desc, chunk.id limit ? offset ?)
     select chunk.source_connection_id as "sourceConnectionId", source, entity_id as "entityId", entity.type, entity.name,
       entity.url, position, text, sync_id as "syncId", coalesce(entity.written_by, entity.seen_by) as "syncJobId",
       ${entityTimes.createdAt} as "createdAt", ${entityTimes.updatedAt} as "updatedAt", entity.breadcrumbs, score
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
