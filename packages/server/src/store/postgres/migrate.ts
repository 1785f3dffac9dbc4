import type { Clock } from "../../domain/clock.ts";
import { eventCatalogue } from "../../domain/event-catalogue.ts";
import {
  isFromNewer,
  type Migration,
  migrationsIn,
  pendingAfter,
  type RanMigration,
  refusePending,
  schemaOf,
} from "../migrations.ts";
import type { PostgresDatabase } from "./database.ts";
import { lostLock } from "./faults.ts";
import type { PostgresSql } from "./postgres-sql.ts";

const migrationsOfWeft = new URL("./migrations/", import.meta.url);

/** The schema that this program knows. */
export const programSchema = schemaOf(migrationsIn(migrationsOfWeft));

// The number is arbitrary; every Weft must use the same one.
const migrationLock = 7_306_001;

// Statements of running nodes wait behind a migration that waits for a table, so it waits only briefly and tries again.
const tableLockMs = 2_000;
// Longer than a lease: a node that was stopped has expired by then.
const leasePatienceMs = 15_000;
// Busy nodes use a table most of the time.
const lockPatienceMs = 120_000;
const retryEveryMs = 500;
const never = new AbortController().signal;

/** Nodes are running that could not use the database after a migration. */
class OlderNodesError extends Error {}

/**
 * Runs the migrations that a database lacks, all in one transaction. Nodes that start together wait for the first of them.
 * Throws when this program cannot use a database that a newer one has migrated, and when a migration would stop running
 * nodes. Returns the names of the migrations that ran.
 */
export async function migrate(database: PostgresDatabase, clock: Clock, folder = migrationsOfWeft): Promise<string[]> {
  const startedAt = clock.now();
  for (;;) {
    try {
      return await database.migrate((sql) => migrateOnce(sql, clock.now(), migrationsIn(folder)));
    } catch (error) {
      if (clock.now() - startedAt >= patienceMs(error)) throw error;
    }
    await clock.sleep(retryEveryMs, never);
  }
}

/** For how long a migration that failed with the error is tried again (ms). */
function patienceMs(error: unknown): number {
  if (error instanceof OlderNodesError) return leasePatienceMs;
  return lostLock(error) ? lockPatienceMs : 0;
}

/** Throws a sentence unless a database has exactly the schema of this program, or an addition to it. It only reads. */
export async function requireSchema(database: PostgresDatabase): Promise<void> {
  const ran = await database.read(async (sql) => {
    return (await columnsOfMigration(sql)).includes("minimum")
      ? await sql.all<RanMigration>("select number, minimum from migration")
      : [];
  });
  refusePending(ran, migrationsIn(migrationsOfWeft));
}

async function migrateOnce(sql: PostgresSql, now: number, known: readonly Migration[]): Promise<string[]> {
  await sql.simply(`select pg_advisory_xact_lock(${migrationLock})`);
  await sql.simply(`set local lock_timeout to ${tableLockMs}`);
  await sql.simply("create schema if not exists weft");
  const ran = await ranMigrations(sql);
  const pending = pendingAfter(ran, known);
  await refuseOlderNodes(sql, pending);
  for (const migration of pending) await run(sql, migration, now);
  // A newer program has newer definitions of event types, which must stay.
  if (!isFromNewer(ran, known)) await keepCatalogue(sql);
  return pending.map((migration) => migration.name);
}

async function columnsOfMigration(sql: PostgresSql): Promise<string[]> {
  const rows = await sql.all<{ name: string }>(
    "select attname as name from pg_attribute where attrelid = to_regclass('weft.migration') and attnum > 0 and not attisdropped",
  );
  return rows.map(({ name }) => name);
}

async function ranMigrations(sql: PostgresSql): Promise<RanMigration[]> {
  const columns = await columnsOfMigration(sql);
  if (columns.length === 0) {
    await sql.simply(
      `create table weft.migration (number integer primary key, name text not null, ran_at bigint not null,
         minimum integer not null default 0)`,
    );
  } else if (!columns.includes("minimum")) {
    await sql.simply("alter table weft.migration add column minimum integer not null default 0");
  }
  return await sql.all<RanMigration>("select number, minimum from migration");
}

/** Throws an OlderNodesError with a sentence if a running node could not use the database after these migrations. */
async function refuseOlderNodes(sql: PostgresSql, pending: readonly Migration[]): Promise<void> {
  const minimum = Math.max(0, ...pending.map((migration) => migration.minimum));
  const hasNodes = await sql.get("select 1 where to_regclass('weft.node') is not null");
  if (minimum === 0 || hasNodes === null) return;
  // The column is missing before the migration that adds it.
  const row = await sql.get<{ count: number }>(
    `select count(*) as count from node
     where lease_until > extract(epoch from clock_timestamp()) * 1000 and expired_at is null
       and coalesce(cast(to_json(node) ->> 'program_schema' as integer), 0) < ?`,
    minimum,
  );
  if (row === null || row.count === 0) return;
  throw new OlderNodesError(
    `${row.count} running nodes or listeners could not use the database after its migration to schema ${minimum}. Upgrade them to a Weft that knows ` +
      "this schema, or stop them, and then run the migration again.",
  );
}

/**
 * Adds and updates event types. It removes no event type: a node with an older catalogue must not remove those of a
 * newer one.
 */
async function keepCatalogue(sql: PostgresSql): Promise<void> {
  for (const { name, schema } of eventCatalogue) {
    const fields = Object.entries(schema.properties ?? {}).filter(([, field]) => field.const !== undefined);
    const constants = Object.fromEntries(fields.map(([field, { const: value }]) => [field, value]));
    await sql.over(
      `insert into own_event_type (name, required, constants) values (?, cast(? as text[]), cast(? as json))
       on conflict (name) do update set required = excluded.required, constants = excluded.constants`,
      name,
      schema.required ?? [],
      JSON.stringify(constants),
    );
  }
}

async function run(sql: PostgresSql, { number, name, text, minimum }: Migration, now: number): Promise<void> {
  try {
    await sql.simply(text);
  } catch (error) {
    if (lostLock(error)) throw error;
    throw new Error(`The migration ${name} failed and was undone; the data is as it was.`, { cause: error });
  }
  await sql.run(
    "insert into migration (number, name, ran_at, minimum) values (?, ?, ?, ?)",
    number,
    name,
    now,
    minimum,
  );
}
