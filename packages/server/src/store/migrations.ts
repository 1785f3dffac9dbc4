import { readdirSync, readFileSync } from "node:fs";

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly text: string;
}

/** The migrations in a folder, in order. */
export function migrationsIn(folder: URL): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .sort()
    .map((name) => ({
      number: Number(name.slice(0, 4)),
      name,
      text: readFileSync(new URL(name, folder), "utf8"),
    }));
}

/** The migrations that a database at a schema number lacks. Throws when the number is from a newer program. */
export function pendingAfter(reached: number, known: readonly Migration[]): Migration[] {
  const newest = known.at(-1)?.number ?? 0;
  if (reached > newest) {
    throw new Error(
      `The database has schema ${reached}, but this Weft knows only up to ${newest}. Run the newer Weft that migrated it.`,
    );
  }
  return known.filter((migration) => migration.number > reached);
}
