import { readdirSync, readFileSync } from "node:fs";
import type { Database } from "./database.ts";

const folder = new URL("./migrations/", import.meta.url);

interface Migration {
  readonly number: number;
  readonly name: string;
}

/**
 * Brings the schema up to this program's. Each migration is one transaction; a database that a newer program has
 * migrated is refused, since this program does not know what its tables mean now. Answers the names that it ran.
 */
export function migrate(db: Database, now: number): string[] {
  db.exec(
    "create table if not exists migration (number integer primary key, name text not null, ran_at integer not null)",
  );
  const known = migrations();
  const newest = known.at(-1)?.number ?? 0;
  const reached = schemaNumber(db);
  if (reached > newest) {
    throw new Error(
      `The database has schema ${reached}, but this Weft knows only up to ${newest}. Run the newer Weft that migrated it.`,
    );
  }
  const pending = known.filter((migration) => migration.number > reached);
  for (const migration of pending) runMigration(db, migration, now);
  return pending.map((migration) => migration.name);
}

function schemaNumber(db: Database): number {
  return db.get<{ number: number }>("select coalesce(max(number), 0) as number from migration")?.number ?? 0;
}

function runMigration(db: Database, migration: Migration, now: number): void {
  db.exec("begin immediate");
  try {
    db.exec(readFileSync(new URL(migration.name, folder), "utf8"));
    db.run("insert into migration (number, name, ran_at) values (?, ?, ?)", migration.number, migration.name, now);
    db.exec("commit");
  } catch (error) {
    db.exec("rollback");
    throw new Error(`The migration ${migration.name} failed and was undone; the data is as it was.`, { cause: error });
  }
}

function migrations(): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .sort()
    .map((name) => ({ number: Number(name.slice(0, 4)), name }));
}
