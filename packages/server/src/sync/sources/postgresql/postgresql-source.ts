import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { defineSource, type Source, type SourceItem } from "../../source.ts";
import type { ResolveHost } from "../resolve-host.ts";
import { type DatabaseProxy, DatabaseReading, type ReadingLimits } from "./open-database.ts";
import { greatestCursor, readRows } from "./read-rows.ts";
import { describeQuery, describeTable, type Relation, type RelationOptions } from "./relation.ts";
import { parseRelationName } from "./relation-name.ts";

export interface PostgresqlSourceParts {
  readonly resolveHost: ResolveHost;
  /** Without it, connections are direct. */
  readonly proxy?: DatabaseProxy;
  readonly limits?: ReadingLimits;
}

const plainText = z.string().regex(/^[^\p{Cc}]+$/u, { error: "It has no control characters." });
const name = plainText.max(limits.nameLengthMax);
const columnNames = z.array(name).min(1).max(limits.sourceColumnsMax);

const config = z
  .strictObject({
    host: plainText.max(limits.nameLengthMax).describe("The database's host, by name or address."),
    port: z.int().min(1).max(65_535).default(5432),
    database: name,
    tables: z
      .array(
        name.refine((text) => parseRelationName(text) !== null, { error: "Expected a table such as public.orders." }),
      )
      .min(1)
      .max(limits.sourceTablesMax)
      .optional()
      .describe("Tables or views to read, such as public.orders. Either these or `query`."),
    query: z
      .string()
      .refine((text) => text.trim() !== "" && !text.includes("\0"), { error: "Expected a query." })
      .max(limits.sourceQueryLengthMax)
      .optional()
      .describe("A query to read, with `key`.")
      .meta({ multiline: true }),
    entity_type: plainText
      .max(limits.entityTypeLengthMax)
      .default("row")
      .describe("The type of the rows of `query`, such as `order`. Rows of a table have its name as their type."),
    key: columnNames.optional().describe("Columns that identify rows, if there is no primary key."),
    columns: columnNames.optional().describe("Columns to read. The default is all, except those with bytes."),
    cursor_column: name
      .optional()
      .describe("A timestamp, date or integer that grows when a row changes: later jobs read from its last value on."),
    full_every_hours: z
      .int()
      .min(1)
      .max(limits.fullReadHoursMax)
      .default(24)
      .describe("With `cursor_column`: how often everything is read, which finds what was deleted."),
    ssl: z
      .enum(["verify", "require", "disable"])
      .default("verify")
      .describe("`require` encrypts without verifying the host; `disable` does not encrypt."),
    ssl_ca: z
      .string()
      .max(limits.certificatesLengthMax)
      .regex(/-----BEGIN CERTIFICATE-----/, { error: "Expected certificates in PEM form." })
      .optional()
      .describe("Certificates of the host's authority, in PEM form.")
      .meta({ multiline: true }),
  })
  .refine(({ tables, query }) => (tables === undefined) !== (query === undefined), {
    error: "Give either `tables` or `query`.",
    path: ["tables"],
  })
  .refine(({ query, key }) => query === undefined || key !== undefined, {
    error: "A query needs `key`: the columns that identify its rows.",
    path: ["key"],
  });

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

/** Reads rows of a PostgreSQL database in one read-only transaction. */
export function postgresqlSource(parts: PostgresqlSourceParts): Source {
  return defineSource({
    shortName: "postgresql",
    name: "PostgreSQL",
    className: "PostgresqlSource",
    description: "Rows of tables, or of a query, in a PostgreSQL database.",
    authMethods: ["direct"],
    labels: ["Database"],
    isTest: false,
    detects: { changes: "by a cursor column", deletions: "in every full read" },
    entityTypes: ["row"],
    config,
    credentials: z.strictObject({
      user: name.describe("A user that may read; it needs no other right."),
      password: z.string().max(limits.headerValueBytesMax).default("").describe("Empty if the database requires none."),
    }),
    // Whether the connection can be intercepted matters too: without a certificate check, the same host counts as another
    // place.
    credentialsGoTo: ({ host, port, ssl }) => `${host}:${port} (ssl: ${ssl})`,
    entities: async function* ({ owner, config, credentials, cursor, signal }) {
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
    },
  });
}

const hourMs = 3_600_000;

async function relationsOf(reading: DatabaseReading, settings: z.output<typeof config>): Promise<Relation[]> {
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
