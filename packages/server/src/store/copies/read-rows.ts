import type { Sql } from "../sql.ts";
import type { CopiedRow, CopiedTable, CopyPosition } from "./interface.ts";

/** Reads rows of a table in the order of its key. */
export async function readCopiedRows(
  sql: Sql,
  { name, columns, key }: CopiedTable,
  after: CopyPosition | null,
  limit: number,
): Promise<CopiedRow[]> {
  const keys = key.join(", ");
  const where = after === null ? "" : `where (${keys}) > (${key.map(() => "?").join(", ")})`;
  const text = `select ${columns.join(", ")} from ${name} ${where} order by ${keys} limit ?`;
  return await sql.all<CopiedRow>(text, ...(after ?? []), limit);
}
