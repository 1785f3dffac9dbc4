import type { Dialect, SqlValue } from "../sql.ts";
import type { SearchFilters } from "./interface.ts";

export interface SearchConditions {
  /** The tables that the conditions need besides chunks and source connections. */
  readonly join: string;
  /** Begins with `and`; empty if there are no filters. */
  readonly where: string;
  readonly values: readonly SqlValue[];
}

/** The filters of a search as SQL. Entities are only looked at where a filter needs them: a word may be in very many. */
export function searchConditions(dialect: Dialect, filters: SearchFilters): SearchConditions {
  const { sources, sourceConnectionId, updatedSince, updatedUntil } = filters;
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  function where(condition: string, value: SqlValue): void {
    conditions.push(`and ${condition}`);
    values.push(value);
  }
  if (sources !== null) where(`source in (${dialect.eachText})`, dialect.textsValue(sources));
  if (sourceConnectionId !== null) where("chunk.source_connection_id = ?", sourceConnectionId);
  if (updatedSince !== null) where("entity.updated_at >= ?", updatedSince);
  if (updatedUntil !== null) where("entity.updated_at < ?", updatedUntil);
  const looksAtEntities = updatedSince !== null || updatedUntil !== null;
  return {
    join: looksAtEntities
      ? "join entity on entity.source_connection_id = chunk.source_connection_id and entity.id = chunk.entity_id"
      : "",
    where: conditions.join(" "),
    values,
  };
}
