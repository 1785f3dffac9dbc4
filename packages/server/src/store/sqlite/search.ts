import { limits } from "../../domain/limits.ts";
import { typesIn } from "../../domain/search-filter.ts";
import { searchTerms, searchWords } from "../../domain/search-words.ts";
import type { SearchCollection, SearchHit } from "../entities/interface.ts";
import { entityTimes, searchConditions } from "../entities/search-conditions.ts";
import type { ReadContext } from "../sql.ts";

const headingWeight = "4.0";

export async function searchCollection({ sql }: ReadContext, params: SearchCollection): Promise<SearchHit[]> {
  const terms = searchTerms(searchWords(params.query), params.query);
  if (terms.length === 0) return [];
  const { join, where, values } = searchConditions(sql.dialect, params);
  const words = `{heading text} : (${terms.map((term) => `"${term}"`).join(" OR ")})`;
  // The candidates are found in the order of the index, which ends at their limit. The texts of the best are read afterwards.
  // `bm25` reads all rows of each term of its query, so that the terms of the scope, which are in very many rows, are not in it.
  // The plus keeps SQLite from running that query for each candidate.
  return await sql.all<SearchHit>(
    `with candidates as materialized (
       select chunk_index.rowid as id from chunk_index join chunk on chunk.id = chunk_index.rowid
         join source_connection on source_connection.id = chunk.source_connection_id ${join}
       where chunk_index match ? and collection_id = ? and organization_id = ? and deleted_at is null ${where}
       order by chunk_index.rowid desc limit ${limits.searchCandidatesMax}
     ), best as (
       select chunk_index.rowid as id, bm25(chunk_index, 0.0, ${headingWeight}, 1.0) as badness from chunk_index
       where chunk_index match ? and chunk_index.rowid >= (select min(id) from candidates)
         and chunk_index.rowid <= (select max(id) from candidates) and +chunk_index.rowid in (select id from candidates)
       order by badness, id limit ? offset ?)
     select chunk.source_connection_id as sourceConnectionId, source, entity_id as entityId, entity.type, entity.name,
       entity.url, position, text, sync_id as syncId, coalesce(entity.written_by, entity.seen_by) as syncJobId,
       ${entityTimes.createdAt} as createdAt, ${entityTimes.updatedAt} as updatedAt, entity.breadcrumbs, -badness as score
     from best join chunk on chunk.id = best.id
       join entity on entity.source_connection_id = chunk.source_connection_id and entity.id = entity_id
       join source_connection on source_connection.id = chunk.source_connection_id
     order by badness, best.id`,
    `${scopeOf(params)} AND ${words}`,
    params.collectionId,
    params.organizationId,
    ...values,
    words,
    params.limit,
    params.offset,
  );
}

/** The words of a collection and of types in the index; the trigger on chunks writes them. */
function scopeOf({ collectionId, types: wanted, filter }: SearchCollection): string {
  const collection = `scope : c${collectionId.replaceAll("-", "")}`;
  const types = [...(wanted ?? typesIn(filter) ?? [])];
  if (types.length === 0 || types.length > limits.searchFilterConditionsMax) return collection;
  return `${collection} AND scope : (${types.map((type) => `t${Buffer.from(type).toString("hex")}`).join(" OR ")})`;
}
