import pg from "pg";
import { SourceError } from "../../source.ts";
import type { DatabaseReading } from "./open-database.ts";
import { parseRelationName } from "./relation-name.ts";

/** A table or query, with the columns to read. */
export interface Relation {
  /** The prefix of its entities' ids. */
  readonly label: string;
  /** The type of its entities. */
  readonly type: string;
  /** The SQL after `from`. */
  readonly from: string;
  readonly columns: readonly string[];
  readonly key: readonly string[];
  /** Null when every job reads everything. */
  readonly cursor: RelationColumn | null;
}

export interface RelationColumn {
  readonly name: string;
  /** The quoted name in SQL. */
  readonly type: string;
}

/** The settings for each table, or for the query. */
export interface RelationOptions {
  readonly columns: readonly string[] | null;
  readonly key: readonly string[] | null;
  readonly cursorColumn: string | null;
}

/** Looks a table up. Throws a SourceError when it does not exist, or lacks a column of the settings. */
export async function describeTable(
  reading: DatabaseReading,
  table: string,
  options: RelationOptions,
): Promise<Relation> {
  const parsed = parseRelationName(table);
  if (parsed === null) throw new SourceError(`${table} is not a table's name such as public.orders.`);
  const { schema, name } = parsed;
  const [found] = await reading.select(
    `select c.oid::text as oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
    [schema, name],
  );
  const label = `${schema}.${name}`;
  if (found?.oid == null) throw new SourceError(`The table ${label} does not exist, or the user has no access to it.`);
  const columns = await columnsOfTable(reading, found.oid);
  const primary = columns.filter(({ keyPosition }) => keyPosition !== null);
  const key = primary.length > 0 ? inOrder(primary) : options.key;
  if (key === null) {
    throw new SourceError(`The table ${label} has no primary key. Name the columns that identify its rows in \`key\`.`);
  }
  const from = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
  return relationOf({ label, type: name, from, key }, columns, options);
}

/** Asks the database for the columns of a query. */
export async function describeQuery(
  reading: DatabaseReading,
  { query, type }: { query: string; type: string },
  options: RelationOptions,
): Promise<Relation> {
  if (options.key === null) throw new SourceError("A query needs `key`: the columns that identify its rows.");
  // The line feed ends a comment at the query's end.
  const from = `(\n${query.replace(/[;\s]+$/, "")}\n) as weft_query`;
  const described = await reading.columnsOf(`select * from ${from} limit 0`);
  const named = await Promise.all(
    described.map(async ({ name, type }) => {
      const [row] = await reading.select("select pg_catalog.format_type($1::oid, null) as type", [type]);
      return { name, type: row?.type ?? "text" };
    }),
  );
  return relationOf({ label: type, type, from, key: options.key }, named, options);
}

interface TableColumn extends RelationColumn {
  readonly keyPosition: number | null;
}

async function columnsOfTable(reading: DatabaseReading, oid: string): Promise<TableColumn[]> {
  const rows = await reading.select(
    `select a.attname as name, pg_catalog.format_type(a.atttypid, null) as type,
       -- From 0; behind the key's own columns an index may have others.
       (case when array_position(i.indkey::int2[], a.attnum) < i.indnkeyatts
         then array_position(i.indkey::int2[], a.attnum) end)::text as position
     from pg_catalog.pg_attribute a left join pg_catalog.pg_index i on i.indrelid = a.attrelid and i.indisprimary
     where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [oid],
  );
  return rows.map(({ name, type, position }) => ({
    name: name ?? "",
    type: type ?? "",
    keyPosition: position == null ? null : Number(position),
  }));
}

function inOrder(columns: readonly TableColumn[]): string[] {
  return columns.toSorted((a, b) => (a.keyPosition ?? 0) - (b.keyPosition ?? 0)).map(({ name }) => name);
}

function relationOf(
  base: Pick<Relation, "label" | "type" | "from" | "key">,
  found: readonly RelationColumn[],
  { columns, cursorColumn }: RelationOptions,
): Relation {
  const byName = new Map(found.map((column) => [column.name, column]));
  const missing = [...base.key, ...(columns ?? []), ...(cursorColumn === null ? [] : [cursorColumn])].find(
    (name) => !byName.has(name),
  );
  if (missing !== undefined) throw new SourceError(`${base.label} has no column ${missing}.`);
  const taken = columns ?? found.filter(({ type }) => type !== "bytea").map(({ name }) => name);
  return { ...base, columns: taken, cursor: cursorOf(base.label, byName.get(cursorColumn ?? "")) };
}

const orderedTypes = /^(?:smallint|integer|bigint|date|timestamp (?:with|without) time zone)$/;

function cursorOf(label: string, column: RelationColumn | undefined): RelationColumn | null {
  if (column === undefined) return null;
  if (orderedTypes.test(column.type)) return column;
  throw new SourceError(
    `The column ${column.name} of ${label} is of type ${column.type}. A \`cursor_column\` must be a timestamp, a date or an integer.`,
  );
}
