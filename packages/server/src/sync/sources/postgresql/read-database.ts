import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import type { SourceContext, SourceItem } from "../../source.ts";
import { DatabaseReading } from "./open-database.ts";
import type { PostgresqlCredentials, PostgresqlSettings, PostgresqlSourceParts } from "./postgresql-settings.ts";
import { greatestCursor, readRows } from "./read-rows.ts";
import { describeQuery, describeTable, type Relation, type RelationOptions } from "./relation.ts";

const stateSchema = z.object({
  /** When everything was last read, by the database's clock (Unix ms). */
  fullAt: z.number(),
  /** By relation: the greatest value of the cursor column that was read. */
  last: z.custom<object>((value) => typeof value === "object" && value !== null),
});

interface ReadState {
  readonly fullAt: number;
  /** By the label of a relation, which may be any text. */
  readonly last: ReadonlyMap<string, string | null>;
}

/** Reads rows in one read-only transaction. */
export async function* readDatabase(
  { owner, config, credentials, cursor, signal }: SourceContext<PostgresqlSettings, PostgresqlCredentials>,
  parts: PostgresqlSourceParts,
): AsyncGenerator<SourceItem> {
  await using reading = await DatabaseReading.open(
    { ...config, ...credentials, sslAuthority: config.ssl_ca },
    {
      owner,
      resolveHost: parts.resolveHost,
      ...(parts.proxy !== undefined && { proxy: parts.proxy }),
      limits: parts.limits ?? { connectMs: limits.postgresConnectMs, statementMs: limits.postgresStatementMs },
      signal,
    },
  );
  const relations = await relationsOf(reading, config);
  const now = await databaseTime(reading);
  const state = stateIn(cursor);
  const isFull = state === null || now - state.fullAt >= config.full_every_hours * hourMs;
  yield* isFull ? readEverything(reading, relations, now) : readChanges(reading, relations, state);
}

const hourMs = 3_600_000;

async function relationsOf(reading: DatabaseReading, settings: PostgresqlSettings): Promise<Relation[]> {
  const options: RelationOptions = {
    columns: settings.columns ?? null,
    key: settings.key ?? null,
    cursorColumn: settings.cursor_column ?? null,
  };
  const { query, entity_type: type } = settings;
  if (query !== undefined) return [await describeQuery(reading, { query, type }, options)];
  const relations: Relation[] = [];
  for (const table of new Set(settings.tables)) relations.push(await describeTable(reading, table, options));
  return relations;
}

async function databaseTime(reading: DatabaseReading): Promise<number> {
  const [row] = await reading.select("select (extract(epoch from now()) * 1000)::text as now");
  return Math.floor(Number(row?.now));
}

async function* readEverything(
  reading: DatabaseReading,
  relations: readonly Relation[],
  now: number,
): AsyncGenerator<SourceItem> {
  const last = new Map<string, string | null>();
  for (const relation of relations) {
    last.set(relation.label, await greatestCursor(reading, relation));
    for await (const read of readRows(reading, relation, "all")) if (read.kind === "item") yield read.item;
  }
  const hasCursor = relations.some(({ cursor }) => cursor !== null);
  if (hasCursor) yield cursorItem({ fullAt: now, last });
}

/**
 * Rows with the last value are read again, because others may have been committed with it since. Unchanged rows are skipped.
 */
async function* readChanges(
  reading: DatabaseReading,
  relations: readonly Relation[],
  { fullAt, last }: ReadState,
): AsyncGenerator<SourceItem> {
  yield { kind: "rest_stays" };
  const reached = new Map(last);
  for (const relation of relations) {
    for await (const read of readRows(reading, relation, { since: last.get(relation.label) ?? null })) {
      if (read.kind === "item") {
        yield read.item;
        continue;
      }
      reached.set(relation.label, read.last ?? reached.get(relation.label) ?? null);
      yield cursorItem({ fullAt, last: reached });
    }
  }
}

function cursorItem({ fullAt, last }: ReadState): SourceItem {
  return { kind: "cursor", value: JSON.stringify({ fullAt, last: Object.fromEntries(last) }) };
}

function stateIn(cursor: string | null): ReadState | null {
  if (cursor === null) return null;
  const state = stateSchema.safeParse(JSON.parse(cursor)).data;
  return state === undefined ? null : { fullAt: state.fullAt, last: new Map(Object.entries(state.last)) };
}
