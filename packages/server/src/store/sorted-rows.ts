import { limits } from "../domain/limits.ts";
import type { SortedPageOf } from "./page.ts";
import type { ReadContext, SqlValue } from "./sql.ts";

interface SortedRows<Id, Sort extends string> {
  /** The columns, table and conditions of the rows; each row has an `id`. */
  readonly rows: string;
  readonly values: readonly SqlValue[];
  /** For each order, an expression for the value of a row, as text. */
  readonly keys: Readonly<Record<Sort, string>>;
  readonly page: SortedPageOf<Id, Sort>;
}

/** Returns the next rows in the order of a value. It orders the newest `limits.sortedMax` rows. */
export async function sortedRows<Row extends { readonly id: string }, Id extends string, Sort extends string>(
  { sql }: ReadContext,
  { rows, values, keys, page }: SortedRows<Id, Sort>,
): Promise<(Row & { readonly sort_key: string })[]> {
  const { sort, descending, position, limit } = page;
  const direction = descending ? "desc" : "";
  const after = position === null ? "" : `where (sort_key, id) ${descending ? "<" : ">"} (?, ?)`;
  return await sql.all<Row & { readonly sort_key: string }>(
    `select * from (select looked.*, ${keys[sort]} as sort_key from (${rows} order by id desc limit ?) as looked) as keyed
     ${after} order by sort_key ${direction}, id ${direction} limit ?`,
    ...values,
    limits.sortedMax,
    ...(position === null ? [] : [position.key, position.id]),
    limit,
  );
}

/** A time or null as text: numbers have leading zeros, and null is before all of them. */
export function timeKey(column: string): string {
  return `coalesce(substr('00000000000000' || cast(${column} as text), length(cast(${column} as text)) + 1), '')`;
}
