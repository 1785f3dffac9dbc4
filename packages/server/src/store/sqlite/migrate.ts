import { type Migration, migrationsIn, pendingAfter, type RanMigration, refusePending } from "../migrations.ts";
import type { Database } from "./database.ts";

const migrationsOfWeft = new URL("./migrations/", import.meta.url);

/**
 * Runs the migrations that a database lacks, each in one transaction. Throws when a newer program has changed the database so
 * that this one cannot use it. Returns the names of the migrations that ran.
 */
export function migrate(db: Database, now: number, folder = migrationsOfWeft): string[] {
  const known = migrationsIn(folder);
  const columns = columnsOfMigration(db);
  checkNames(db, columns, known);
  if (columns.length === 0) {
    db.exec(
      `create table migration (number integer primary key, name text not null, ran_at integer not null,
         minimum integer not null default 0)`,
    );
  } else if (!columns.includes("minimum")) {
    db.exec("alter table migration add column minimum integer not null default 0");
  }
  const pending = pendingAfter(db.all<RanMigration>("select number, minimum from migration"), known);
  for (const migration of pending) runMigration(db, migration, now);
  return pending.map((migration) => migration.name);
}

/** Throws a sentence unless a database has exactly the schema of this program, or an addition to it. It only reads. */
export function requireSchema(db: Database): void {
  const hasMinimum = columnsOfMigration(db).includes("minimum");
  const ran = hasMinimum ? db.all<RanMigration>("select number, minimum from migration") : [];
  refusePending(ran, migrationsIn(migrationsOfWeft));
}

function columnsOfMigration(db: Database): string[] {
  return db.all<{ name: string }>("select name from pragma_table_info('migration')").map(({ name }) => name);
}

/** Throws when the file has tables of an application under names that Weft needs. Under other names they may share the file. */
function checkNames(db: Database, columns: readonly string[], known: readonly Migration[]): void {
  const isWeft = columns.slice(0, 3).join() === "number,name,ran_at";
  const ran = isWeft ? db.all<{ number: number }>("select number from migration").map(({ number }) => number) : [];
  const pending = known.filter(({ number }) => !ran.includes(number));
  const made = new Set(pending.flatMap(({ text }) => namesIn(text)));
  if (!isWeft) made.add("migration");
  // A migration may replace a table and its indexes.
  const own = new Set(known.filter(({ number }) => ran.includes(number)).flatMap(({ text }) => namesIn(text)));
  const taken = db
    .all<{ name: string }>("select name from sqlite_schema")
    .filter(({ name }) => made.has(name) && !own.has(name));
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

function runMigration(db: Database, { number, name, text, minimum }: Migration, now: number): void {
  // A migration that replaces a table drops the old one, which must not delete the rows that refer to it.
  db.exec("pragma foreign_keys = off");
  db.exec("begin immediate");
  try {
    db.exec(text);
    db.run("insert into migration (number, name, ran_at, minimum) values (?, ?, ?, ?)", number, name, now, minimum);
    db.exec("commit");
  } catch (error) {
    db.exec("rollback");
    throw new Error(`The migration ${name} failed and was undone; the data is as it was.`, { cause: error });
  } finally {
    db.exec("pragma foreign_keys = on");
  }
}
