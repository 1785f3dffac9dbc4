import type { TestDatabases } from "../../packages/server/src/store/postgres/fixtures/test-databases.ts";

export const databases = ["sqlite", "postgres"] as const;

/** The settings of a Weft on an empty database of this kind; SQLite is the default of a test. */
export async function databaseSettings(
  kind: (typeof databases)[number],
  made: TestDatabases,
): Promise<Record<string, string>> {
  if (kind === "sqlite") return {};
  return { WEFT_DATABASE_URL: await made.fresh(), WEFT_MASTER_KEY: "a master key of at least thirty-two characters" };
}
