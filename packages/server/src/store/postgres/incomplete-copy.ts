import { IncompleteCopyError } from "../copies/interface.ts";
import type { PostgresDatabase } from "./database.ts";
import type { PostgresSql } from "./postgres-sql.ts";

/** Throws IncompleteCopyError if a copy into the database was interrupted. */
export async function refuseIncompleteCopy(database: PostgresDatabase): Promise<void> {
  if (await database.read(hasIncompleteCopy)) throw new IncompleteCopyError();
}

export async function hasIncompleteCopy(sql: PostgresSql): Promise<boolean> {
  return (await sql.get("select 1 where to_regclass('weft.copy_position') is not null")) !== null;
}
