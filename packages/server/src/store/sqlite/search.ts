import type { CollectionId, OrganizationId } from "../../domain/id.ts";
import type { SearchHit } from "../entity-store.ts";
import { searchWords } from "../search-words.ts";
import type { Reading } from "../sql.ts";

export async function searchCollection(
  { sql }: Reading,
  params: { organizationId: OrganizationId; collectionId: CollectionId; query: string; limit: number; offset: number },
): Promise<SearchHit[]> {
  const words = searchWords(params.query);
  if (words.length === 0) return [];
  // The best are chosen by number alone; their texts are read afterwards.
  return await sql.all<SearchHit>(
    `with best as (
       select chunk_index.rowid as id, bm25(chunk_index, 0.0, 1.0) as rank
       from chunk_index join chunk on chunk.id = chunk_index.rowid
         join source_connection on source_connection.id = source_connection_id
       where chunk_index match ? and collection_id = ? and organization_id = ? and deleted_at is null
       order by rank, chunk_index.rowid limit ? offset ?)
     select chunk.source_connection_id as sourceConnectionId, source, entity_id as entityId, entity.type, entity.name,
       entity.url, position, text, -rank as score
     from best join chunk on chunk.id = best.id
       join entity on entity.source_connection_id = chunk.source_connection_id and entity.id = entity_id
       join source_connection on source_connection.id = chunk.source_connection_id
     order by rank, best.id`,
    `scope : ${scopeWord(params.collectionId)} AND text : (${words.map((word) => `"${word}"`).join(" OR ")})`,
    params.collectionId,
    params.organizationId,
    params.limit,
    params.offset,
  );
}

/** The word that stands in the index for a collection; the triggers on chunks write it. */
function scopeWord(collectionId: CollectionId): string {
  return `c${collectionId.replaceAll("-", "")}`;
}
