import type { CollectionId } from "../../domain/id.ts";
import { searchTerms, searchWords } from "../../domain/search-words.ts";
import type { SearchCollection, SearchHit } from "../entities/interface.ts";
import { searchConditions } from "../entities/search-conditions.ts";
import type { ReadContext } from "../sql.ts";

export async function searchCollection({ sql }: ReadContext, params: SearchCollection): Promise<SearchHit[]> {
  const terms = searchTerms(searchWords(params.query), params.query);
  if (terms.length === 0) return [];
  const { join, where, values } = searchConditions(sql.dialect, params);
  // The best are chosen by number alone; their texts are read afterwards.
  return await sql.all<SearchHit>(
    `with best as (
       select chunk_index.rowid as id, bm25(chunk_index, 0.0, 1.0) as rank
       from chunk_index join chunk on chunk.id = chunk_index.rowid
         join source_connection on source_connection.id = chunk.source_connection_id ${join}
       where chunk_index match ? and collection_id = ? and organization_id = ? and deleted_at is null ${where}
       order by rank, chunk_index.rowid limit ? offset ?)
     select chunk.source_connection_id as sourceConnectionId, source, entity_id as entityId, entity.type, entity.name,
       entity.url, position, text, entity.updated_at as updatedAt, -rank as score
     from best join chunk on chunk.id = best.id
       join entity on entity.source_connection_id = chunk.source_connection_id and entity.id = entity_id
       join source_connection on source_connection.id = chunk.source_connection_id
     order by rank, best.id`,
    `scope : ${scopeWord(params.collectionId)} AND text : (${terms.map((term) => `"${term}"`).join(" OR ")})`,
    params.collectionId,
    params.organizationId,
    ...values,
    params.limit,
    params.offset,
  );
}

/** The word of a collection in the index; the triggers on chunks write it. */
function scopeWord(collectionId: CollectionId): string {
  return `c${collectionId.replaceAll("-", "")}`;
}
