import pg from "pg";
import { limits } from "../../../domain/limits.ts";
import type { SourceItem } from "../../source.ts";
import type { DatabaseReading, DatabaseRow } from "./open-database.ts";
import type { Relation } from "./relation.ts";

/** The result of one row, or of a batch of rows. */
export type ReadRow =
  | { readonly kind: "item"; readonly item: SourceItem }
  /** A batch was read. `last` is the cursor column's last finite value, as text; null if no value was finite. */
  | { readonly kind: "step"; readonly last: string | null };

/** `since` is null when no row had a value in the cursor column. */
export type RowRange = "all" | { readonly since: string | null };

/**
 * Reads the rows of a relation: all of them, or those at or after a value of its cursor column, in its order. The database runs
 * the query once and returns its rows in batches of a limited size; oversized texts are not sent.
 */
export async function* readRows(
  reading: DatabaseReading,
  relation: Relation,
  range: RowRange,
): AsyncGenerator<ReadRow> {
  const since = range === "all" ? null : range.since;
  await reading.select(
    `declare weft_rows no scroll cursor for ${selectOf(relation, range)}`,
    since === null ? [] : [since],
  );
  const rowsMax = limits.postgresRowsPerStep;
  for (;;) {
    let count = 0;
    let last: string | null = null;
    for await (const row of reading.rows(`fetch forward ${rowsMax} from weft_rows`, rowsMax)) {
      count += 1;
      if (leadsOn(row.cursor ?? null)) last = row.cursor ?? null;
      yield { kind: "item", item: itemOf(relation, row) };
    }
    if (count === 0) break;
    yield { kind: "step", last };
  }
  await reading.select("close weft_rows");
}

// No time is later than an infinite one, so that no job could continue from there.
function leadsOn(cursor: string | null): boolean {
  return cursor !== null && !cursor.endsWith("infinity");
}

/** The greatest finite value of the cursor column, as text; null when no row has one. */
export async function greatestCursor(reading: DatabaseReading, { from, cursor }: Relation): Promise<string | null> {
  if (cursor === null) return null;
  const name = pg.escapeIdentifier(cursor.name);
  const finite = /^(date|timestamp)/.test(cursor.type) ? ` where isfinite(${name})` : "";
  const [row] = await reading.select(`select max(${name})::text as greatest from ${from}${finite}`);
  return row?.greatest ?? null;
}

function selectOf({ from, columns, key, cursor }: Relation, range: RowRange): string {
  // The column is qualified with the table's name: `order by` prefers a column of the result, where all columns are texts.
  const order = cursor === null ? "null" : `weft_table.${pg.escapeIdentifier(cursor.name)}`;
  const keys = key.map((name, index) => {
    return `left(${pg.escapeIdentifier(name)}::text, ${limits.entityIdLengthMax + 1}) as key_${index}`;
  });
  const text = columns.map(lineOf).join(" || ") || "''";
  const isSince = range !== "all" && range.since !== null && cursor !== null;
  const since = isSince ? `where ${order} >= $1::${cursor.type}` : "";
  // Rows without a value come first: the next job finds those after the last value.
  const chosen = range === "all" || cursor === null ? "" : `${since} order by ${order} nulls first`;
  return `select ${keys.map((_, index) => `key_${index}`).join(", ")}, cursor,
      case when octet_length(text) <= ${limits.entityTextBytesMax} then text end as text
    from (select ${keys.join(", ")}, ${order}::text as cursor, ${text} as text from (select * from ${from}) as weft_table ${chosen}) as weft_row`;
}

/** One line of a row's text; a null column has none. */
function lineOf(name: string): string {
  return `coalesce(${pg.escapeLiteral(`${name}: `)} || ${pg.escapeIdentifier(name)}::text || E'\\n', '')`;
}

function itemOf({ label, type, key }: Relation, row: DatabaseRow): SourceItem {
  const parts = key.map((_, index) => row[`key_${index}`] ?? null);
  const id = `${label}/${parts.map((part) => (part === null ? "" : escaped(part))).join("/")}`;
  if (parts.includes(null))
    return { kind: "problem", id, reason: "A column of the row's key is null.", keeps: "nothing" };
  if (row.text == null) {
    const reason = `The row's text has more than ${limits.entityTextBytesMax} bytes.`;
    return { kind: "problem", id, reason, keeps: "nothing" };
  }
  return { kind: "entity", id, type, name: `${type} ${parts.join(", ")}`, text: row.text.trimEnd() };
}

// Separates the parts of a key.
function escaped(part: string): string {
  return part.replaceAll("%", "%25").replaceAll("/", "%2F");
}
