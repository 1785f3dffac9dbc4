import { type Migration, migrationsIn, pendingAfter } from "../migrations.ts";
import type { Database } from "./database.ts";

const migrationsOfWeft = new URL("./migrations/", import.meta.url);

/**
 * Runs the migrations that a database lacks, each in one transaction. Throws when a newer program has migrated the database,
 * since this program does not know the meaning of its tables. Returns the names of the migrations that ran.
 */
export function migrate(db: Database, now: number, folder = migrationsOfWeft): string[] {
  checkNames(db, folder);
  db.exec(
    "create table if not exists migration (number integer primary key, name text not null, ran_at integer not null)",
  );
  const row = db.get<{ number: number }>("select coalesce(max(number), 0) as number from migration");
  const pending = pendingAfter(row?.number ?? 0, migrationsIn(folder));
  for (const migration of pending) runMigration(db, migration, now);
  return pending.map((migration) => migration.name);
}

/** Throws when the file has tables of an application under names that Weft needs. Under other names they may share the file. */
function checkNames(db: Database, folder: URL): void {
  const columns = db.all<{ name: string }>("select name from pragma_table_info('migration')").map(({ name }) => name);
  const isWeft = columns.join() === "number,name,ran_at";
  const reached = isWeft
    ? db.get<{ number: number }>("select coalesce(max(number), 0) as number from migration")
    : null;
  const pending = migrationsIn(folder).filter(({ number }) => number > (reached?.number ?? 0));
  const made = new Set(pending.flatMap(({ text }) => namesIn(text)));
  if (!isWeft) made.add("migration");
  const taken = db.all<{ name: string }>("select name from sqlite_schema").filter(({ name }) => made.has(name));
  if (taken.length === 0) return;
  throw new Error(
    `The database has tables or indexes of another program under names that Weft needs: ${taken.map(({ name }) => name).join(", ")}. Rename them, or give Weft a file of its own.`,
  );
}

/** The names of the tables and indexes that a migration creates. */
function namesIn(text: string): string[] {
  const dropped = [...text.matchAll(/^drop \w+ (\w+)/gm)].map(([, name]) => name);
  return [...text.matchAll(/^create (?:unique |virtual )?(?:table|index|trigger) (\w+)/gm)]
    .map(([, name]) => name ?? "")
    .filter((name) => !dropped.includes(name));
}

function runMigration(db: Database, migration: Migration, now: number): void {
  db.exec("begin immediate");
  try {
    db.exec(migration.text);
    db.run("insert into migration (number, name, ran_at) values (?, ?, ?)", migration.number, migration.name, now);
    db.exec("commit");
  } catch (error) {
    db.exec("rollback");
    throw new Error(`The migration ${migration.name} failed and was undone; the data is as it was.`, { cause: error });
  }
}
