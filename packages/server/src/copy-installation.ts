// Moves an installation between SQLite and PostgreSQL with its complete history.

import { createHash } from "node:crypto";
import { isKept, keptForm } from "./domain/kept-text.ts";
import type {
  CopiedRow,
  CopiedTable,
  CopyPosition,
  CopySource,
  CopyTarget,
  TableReader,
} from "./store/copies/interface.ts";

/** The order ensures that the rows that a row refers to exist before it. */
export const copiedTables = [
  "organization",
  "api_key",
  "event_type",
  "namespace_event_type",
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
  attempt: ["response_body", "response_headers", "error"],
  entity: ["name", "url"],
  chunk: ["text"],
  sync_job: ["error"],
};

/** With the largest payloads that an operator can allow, these are 100 MiB. */
const rowsPerStep = 100;

/** The copied rows of a table, and a checksum that does not depend on their order. */
export interface CopiedCount {
  readonly rows: number;
  readonly checksum: string;
}

export type CopiedCounts = Readonly<Record<string, CopiedCount>>;

export interface Copying {
  readonly from: CopySource;
  readonly to: CopyTarget;
  readonly tables: readonly CopiedTable[];
  /** Called when a table is being copied, with the rows that were copied so far, and when it is being compared. */
  readonly onStep: (step: { readonly table: string; readonly rows: number; readonly isCompared: boolean }) => void;
}

/**
 * Copies everything in steps, after the last step of an interrupted copy if there was one. Then it reads both databases again,
 * and compares the count and the checksum of each table.
 */
export async function copyInstallation({ from, to, tables, onStep }: Copying): Promise<CopiedCounts> {
  const positions = await to.positions();
  for (const table of tables) {
    let rows = 0;
    for await (const step of steps(from, table, positions.get(table.name) ?? null)) {
      const copied = step.map((row) => storedRow(table.name, row));
      await to.writeRows(table, copied, positionOf(table, step));
      rows += step.length;
      onStep({ table: table.name, rows, isCompared: false });
    }
  }
  const counts: Record<string, CopiedCount> = {};
  for (const table of tables) {
    const source = await counted(from, table, (row) => storedRow(table.name, row));
    const copy = await counted(to, table, (row) => row);
    onStep({ table: table.name, rows: copy.rows, isCompared: true });
    if (source.rows !== copy.rows || source.checksum !== copy.checksum) throw differs(table.name, source, copy);
    counts[table.name] = copy;
  }
  await to.finish();
  return counts;
}

async function* steps(
  reader: TableReader,
  table: CopiedTable,
  after: CopyPosition | null,
): AsyncGenerator<CopiedRow[]> {
  for (let position = after; ; ) {
    const rows = await reader.readRows(table, position, rowsPerStep);
    if (rows.length === 0) return;
    yield rows;
    position = positionOf(table, rows);
  }
}

function positionOf(table: CopiedTable, rows: readonly CopiedRow[]): CopyPosition {
  const last = rows.at(-1) ?? {};
  return table.key.map((column) => last[column] ?? "");
}

/** The form in which both databases store a row. Throws an error with a sentence if PostgreSQL cannot store it. */
function storedRow(table: string, row: CopiedRow): CopiedRow {
  const stored: Record<string, string | number | null> = {};
  for (const [column, value] of Object.entries(row)) {
    stored[column] = typeof value === "string" ? storedText(table, row, column, value) : value;
  }
  // The deliveries that a stopped node had claimed become due again.
  if (table !== "delivery") return stored;
  return { ...stored, state: stored.state === "claimed" ? "due" : (stored.state ?? null), node_id: null };
}

function storedText(table: string, row: CopiedRow, column: string, text: string): string {
  if (isKept(text)) return text;
  if (foreignTexts[table]?.includes(column)) return keptForm(text);
  const id = row.id ?? row.message_id ?? Object.values(row)[0];
  throw new Error(
    `${table} ${id}: its ${column} has a NUL or half a character, which PostgreSQL cannot store. ` +
      "Change or delete this row in the source, and copy again.",
  );
}

async function counted(
  reader: TableReader,
  table: CopiedTable,
  form: (row: CopiedRow) => CopiedRow,
): Promise<CopiedCount> {
  let rows = 0;
  let sum = 0n;
  for await (const step of steps(reader, table, null)) {
    rows += step.length;
    for (const row of step) sum = BigInt.asUintN(64, sum + hashOf(table, form(row)));
  }
  return { rows, checksum: sum.toString(16).padStart(16, "0") };
}

function hashOf({ columns }: CopiedTable, row: CopiedRow): bigint {
  const text = JSON.stringify(columns.map((column) => row[column] ?? null));
  return createHash("sha256").update(text).digest().readBigUInt64BE();
}

function differs(table: string, source: CopiedCount, copy: CopiedCount): Error {
  return new Error(
    `The copy of ${table} differs: it has ${copy.rows} rows with the checksum ${copy.checksum}, and the source has ` +
      `${source.rows} rows with the checksum ${source.checksum}. A Weft may have used the source since the copy began. ` +
      "Empty the target, and copy again.",
  );
}
