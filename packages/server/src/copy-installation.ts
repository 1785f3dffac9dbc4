// Moves an installation from SQLite to PostgreSQL with its complete history.

import { existsSync } from "node:fs";
import { timeOfId } from "./domain/id.ts";
import { isKept } from "./domain/kept-text.ts";
import type { PostgresSettings } from "./store/postgres/postgres-store.ts";
import { TableImport, type TableWriter } from "./store/postgres/table-import.ts";
import type { Row } from "./store/sqlite/database.ts";
import type { Holder } from "./store/sqlite/lock.ts";
import { TableExport } from "./store/sqlite/table-export.ts";
import { openVault } from "./store/vault.ts";

/** The order ensures that the rows that a row refers to exist before it. */
const tables = [
  "organization",
  "api_key",
  "event_type",
  "subscription",
  "subscription_pattern",
  "subscription_health",
  "signing_secret",
  "message",
  "outbox",
  "idempotency",
  "fan_out",
  "delivery",
  "attempt",
  "attempt_count_by_minute",
  "attempt_count_by_hour",
  "recovery",
  "background_task",
  "revoked_token",
  "audit_entry",
  "collection",
  "source_connection",
  "source_authorization",
  "sync_job",
  "entity",
  "chunk",
  "sealing_key",
] as const;

/**
 * Columns with texts of receivers and sources. PostgreSQL stores U+FFFD for NUL in them, for copied and new rows. All other
 * texts are copied exactly, or the copy fails.
 */
const foreignTexts: Readonly<Record<string, readonly string[]>> = {
  attempt: ["response_body", "error"],
  entity: ["name", "url"],
  chunk: ["text"],
  sync_job: ["error"],
};

const rowsPerWrite = 500;
const charactersPerWrite = 4 * 1024 * 1024;

/** The copied rows, by table. */
export type CopiedRows = Readonly<Record<string, number>>;

/**
 * Copies everything into an empty database in one transaction, and compares the counts of both databases before it commits. The
 * source is only read, except that its schema is migrated first. `onTable` is called with each table.
 */
export async function copyInstallation(
  from: { readonly path: string; readonly holder: Holder },
  to: PostgresSettings,
  { now, onTable }: { now: number; onTable: (table: string, rows: number) => void },
): Promise<CopiedRows> {
  if (!existsSync(from.path))
    throw new Error(`The database ${from.path} does not exist. Name the one to copy with --from.`);
  using source = new TableExport(from.path, from.holder, now);
  await using target = await TableImport.open(to, now);
  await source.checkMasterKey(openVault({ current: to.masterKey, previous: to.previousMasterKey ?? null }));
  for (const table of ["message", "attempt"]) {
    const ends = source.ends(table);
    if (ends !== null) await target.cover(timeOfId(ends.first), timeOfId(ends.last));
  }
  const copied: Record<string, number> = {};
  await target.fill(async (writer) => {
    for (const table of tables) {
      copied[table] = source.count(table);
      onTable(table, copied[table]);
      await copyTable(source, writer, table);
    }
    await copyEventIds(source, writer);
    for (const table of tables) {
      const count = await writer.count(table);
      if (count === copied[table]) continue;
      throw new Error(
        `Of ${table}, ${count} of ${copied[table]} rows arrived. Nothing was kept; the source is as it was.`,
      );
    }
  });
  return copied;
}

async function copyTable(source: TableExport, writer: TableWriter, table: (typeof tables)[number]): Promise<void> {
  // PostgreSQL numbers the chunks itself.
  const columns = source.columns(table).filter((column) => table !== "chunk" || column !== "id");
  await writeAll(writer, table, columns, source.rows(`select ${selected(table, columns)} from ${table}`));
}

// The deliveries that a stopped node had claimed become due again.
function selected(table: string, columns: readonly string[]): string {
  if (table !== "delivery") return columns.join(", ");
  const changed: Record<string, string> = {
    state: "iif(state = 'claimed', 'due', state) as state",
    node_id: "null as node_id",
  };
  return columns.map((column) => changed[column] ?? column).join(", ");
}

async function copyEventIds(source: TableExport, writer: TableWriter): Promise<void> {
  const columns = ["organization_id", "event_id", "message_id"];
  const select = ["message", "outbox"]
    .map((table) => `select organization_id, event_id, id as message_id from ${table} where event_id is not null`)
    .join(" union all ");
  await writeAll(writer, "event_id", columns, source.rows(select));
}

async function writeAll(
  writer: TableWriter,
  table: string,
  columns: readonly string[],
  rows: IterableIterator<Row>,
): Promise<void> {
  let waiting: Record<string, string | number | null>[] = [];
  let characters = 0;
  for (const row of rows) {
    checkExact(table, row);
    waiting.push(row);
    for (const value of Object.values(row)) characters += typeof value === "string" ? value.length : 8;
    if (waiting.length < rowsPerWrite && characters < charactersPerWrite) continue;
    await writer.write(table, columns, waiting);
    waiting = [];
    characters = 0;
  }
  if (waiting.length > 0) await writer.write(table, columns, waiting);
}

/** Throws an error with a sentence for a row with a text that PostgreSQL cannot store. */
function checkExact(table: string, row: Row): void {
  for (const [column, value] of Object.entries(row)) {
    if (typeof value !== "string" || isKept(value) || foreignTexts[table]?.includes(column)) continue;
    const id = row.id ?? row.message_id ?? Object.values(row)[0];
    throw new Error(
      `${table} ${id}: its ${column} has a NUL or half a character, which PostgreSQL cannot store. Nothing was copied. ` +
        "Change or delete this row in the source, and copy again.",
    );
  }
}
