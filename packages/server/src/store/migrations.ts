import { readdirSync, readFileSync } from "node:fs";

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly text: string;
  /**
   * The oldest schema that a program must know to use the database afterwards; zero if the migration only adds, so that
   * every program continues to work.
   */
  readonly minimum: number;
}

/** A migration that a database has, of this program or of a newer one. */
export type RanMigration = Pick<Migration, "number" | "minimum">;

/** The line that declares a migration that removes or renames, for example `-- needs programs of schema 0003`. */
const minimumLine = /^-- needs programs of schema (\d{4})$/m;

/** The migrations in a folder, in order. */
export function migrationsIn(folder: URL): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const text = readFileSync(new URL(name, folder), "utf8");
      return { number: Number(name.slice(0, 4)), name, text, minimum: Number(minimumLine.exec(text)?.[1] ?? 0) };
    });
}

/** The schema that a program with these migrations knows. */
export function schemaOf(known: readonly Migration[]): number {
  return known.at(-1)?.number ?? 0;
}

/**
 * The migrations that a database lacks. Throws when a newer program has changed the database so that this one cannot use
 * it.
 */
export function pendingAfter(ran: readonly RanMigration[], known: readonly Migration[]): Migration[] {
  const schema = schemaOf(known);
  const minimum = Math.max(0, ...ran.map((migration) => migration.minimum));
  if (minimum > schema) {
    throw new Error(
      `The database needs a Weft that knows schema ${minimum}, but this Weft knows only up to ${schema}. Run the newer Weft that migrated it.`,
    );
  }
  const numbers = new Set(ran.map((migration) => migration.number));
  return known.filter((migration) => !numbers.has(migration.number));
}

/** Whether a newer program has migrated a database. */
export function isFromNewer(ran: readonly RanMigration[], known: readonly Migration[]): boolean {
  return ran.some((migration) => migration.number > schemaOf(known));
}

/** Throws a sentence if a database is not at the schema of a program with these migrations. */
export function refusePending(ran: readonly RanMigration[], known: readonly Migration[]): void {
  if (ran.length === 0) throw new Error("The database contains no Weft, or one of a version before this command.");
  const [first] = pendingAfter(ran, known);
  if (first === undefined) return;
  throw new Error(`The database lacks the migration ${first.name}. Run \`weft migrate\` with this version first.`);
}
