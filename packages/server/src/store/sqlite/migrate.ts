import { type Migration, migrationsIn, pendingAfter, readMigration } from "../migrations.ts";
import type { Database } from "./database.ts";

const folder = new URL("./migrations/", import.meta.url);

/**
 * Brings the schema up to this program's. Each migration is one transaction; a database that a newer program has
 * migrated is refused, since this program does not know what its tables mean now. Answers the names that it ran.
 */
export function migrate(db: Database, now: number): string[] {
  checkNames(db);
  db.exec(
    "create table if not exists migration (number integer primary key, name text not null, ran_at integer not null)",
  );
  const row = db.get<{ number: number }>("select coalesce(max(number), 0) as number from migration");
  const pending = pendingAfter(row?.number ?? 0, migrationsIn(folder));
  for (const migration of pending) runMigration(db, migration, now);
  return pending.map((migration) => migration.name);
}

/** An application's tables may lie in the same file, but not under the names of Weft's. */
function checkNames(db: Database): void {
  const columns = db.all<{ name: string }>("select name from pragma_table_info('migration')").map(({ name }) => name);
  const isWeft = columns.join() === "number,name,ran_at";
  const reached = isWeft
    ? db.get<{ number: number }>("select coalesce(max(number), 0) as number from migration")
    : null;
  const pending = migrationsIn(folder).filter(({ number }) => number > (reached?.number ?? 0));
  const made = new Set(pending.flatMap((migration) => namesIn(readMigration(folder, migration))));
  if (!isWeft) made.add("migration");
  const taken = db.all<{ name: string }>("select name from sqlite_schema").filter(({ name }) => made.has(name));
  if (taken.length === 0) return;
  throw new Error(
    `The database has tables or indexes of another program under names that Weft needs: ${taken.map(({ name }) => name).join(", ")}. Rename them, or give Weft a file of its own.`,
  );
}

/** What a migration makes anew. */
function namesIn(text: string): string[] {
  const dropped = [...text.matchAll(/^drop \w+ (\w+)/gm)].map(([, name]) => name);
  return [...text.matchAll(/^create (?:unique |virtual )?(?:table|index|trigger) (\w+)/gm)]
    .map(([, name]) => name ?? "")
    .filter((name) => !dropped.includes(name));
}

function runMigration(db: Database, migration: Migration, now: number): void {
  db.exec("begin immediate");
  try {
    db.exec(readMigration(folder, migration));
    db.run("insert into migration (number, name, ran_at) values (?, ?, ?)", migration.number, migration.name, now);
    db.exec("commit");
  } catch (error) {
    db.exec("rollback");
    throw new Error(`The migration ${migration.name} failed and was undone; the data is as it was.`, { cause: error });
  }
}
