import type { CopiedTable } from "../copies/interface.ts";
import type { Database } from "./database.ts";

interface ColumnRow {
  readonly name: string;
  readonly pk: number;
}

/** The columns of a table that both databases have, and its key. PostgreSQL has a few more columns, which it fills itself. */
export function copiedTable(db: Database, name: string): CopiedTable {
  const rows = db.all<ColumnRow>("select name, pk from pragma_table_info(?)", name);
  const columns = rows.map((row) => row.name);
  // Each database numbers the chunks itself.
  if (name === "chunk") {
    const key = ["source_connection_id", "entity_id", "position"];
    return { name, columns: columns.filter((column) => column !== "id"), key };
  }
  const key = rows.filter((row) => row.pk > 0).sort((a, b) => a.pk - b.pk);
  return { name, columns, key: key.map((row) => row.name) };
}
