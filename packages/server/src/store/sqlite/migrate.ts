import { type Migration, migrationsIn, pendingAfter, readMigration } from "../migrations.ts";
import type { Database } from "./database.ts";

const folder = new URL("./migrations/", import.meta.url);

/**
 * Brings the schema up to this program's. Each migration is one transaction; a database that a newer program has
 * migrated is refused, since this program does not know what its tables mean now. Answers the names that it ran.
 */
export function migrate(db: Database, now: number): string[] {
  db.exec(
    "create table if not exists migration (number integer primary key, name text not null, ran_at integer not null)",
  );
  const row = db.get<{ number: number }>("select coalesce(max(number), 0) as number from migration");
  const pending = pendingAfter(row?.number ?? 0, migrationsIn(folder));
  for (const migration of pending) runMigration(db, migration, now);
  return pending.map((migration) => migration.name);
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
