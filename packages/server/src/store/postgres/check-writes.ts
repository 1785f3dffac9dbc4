import type { PostgresSql } from "./postgres-sql.ts";

/** Writes a row that is not compressed. A server without room for it fails. */
export async function checkWrites(sql: PostgresSql, { length }: { length: number }): Promise<null> {
  await sql.run("update write_check set filler = repeat('x', cast(? as integer)) where id = 1", length);
  return null;
}
