import { eventCatalogue } from "../../domain/event-catalogue.ts";
import { type Migration, migrationsIn, pendingAfter } from "../migrations.ts";
import type { PostgresDatabase } from "./database.ts";
import type { PostgresSql } from "./postgres-sql.ts";

const migrationsOfWeft = new URL("./migrations/", import.meta.url);

// The number is arbitrary; every Weft must use the same one.
const migrationLock = 7_306_001;

/**
 * Runs the migrations that a database lacks, all in one transaction. Nodes that start together wait for the first of them.
 * Throws when a newer program has migrated the database. Returns the names of the migrations that ran.
 */
export function migrate(database: PostgresDatabase, now: number, folder = migrationsOfWeft): Promise<string[]> {
  return database.write(async (sql) => {
    await sql.simply(`select pg_advisory_xact_lock(${migrationLock})`);
    await sql.simply("create schema if not exists weft");
    await sql.simply(
      "create table if not exists weft.migration (number integer primary key, name text not null, ran_at bigint not null)",
    );
    const row = await sql.get<{ number: number }>("select coalesce(max(number), 0) as number from migration");
    const pending = pendingAfter(row?.number ?? 0, migrationsIn(folder));
    for (const migration of pending) await run(sql, migration, now);
    await keepCatalogue(sql);
    return pending.map((migration) => migration.name);
  });
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

async function run(sql: PostgresSql, migration: Migration, now: number): Promise<void> {
  try {
    await sql.simply(migration.text);
  } catch (error) {
    throw new Error(`The migration ${migration.name} failed and was undone; the data is as it was.`, { cause: error });
  }
  await sql.run("insert into migration (number, name, ran_at) values (?, ?, ?)", migration.number, migration.name, now);
}
