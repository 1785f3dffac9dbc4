import type { CommandsOf, QueriesOf } from "../operations.ts";
import type { ReadContext, Sql, SqlValue, WriteContext } from "../sql.ts";
import { sealedPrefix, type Vault } from "../vault.ts";
import type { SealingEnd, SealingPosition, SealingStep, SealingStore } from "./interface.ts";

export const lookUps = { isSealingDue } satisfies QueriesOf<SealingStore>;

export const commands = { aimSealing, sealAnew, endSealing } satisfies CommandsOf<SealingStore>;

interface SealedColumn {
  readonly table: string;
  /** The columns of its primary key. */
  readonly key: readonly string[];
  readonly column: string;
}

/** All sealed columns. */
const sealedColumns: readonly SealedColumn[] = [
  { table: "subscription", key: ["id"], column: "headers" },
  { table: "subscription", key: ["id"], column: "credential" },
  { table: "subscription", key: ["id"], column: "access" },
  { table: "receiver_token", key: ["subscription_id"], column: "token" },
  { table: "signing_secret", key: ["subscription_id", "position"], column: "secret" },
  { table: "source_connection", key: ["id"], column: "credentials" },
  { table: "source_connection", key: ["id"], column: "sync_cursor" },
  { table: "source_authorization", key: ["id"], column: "secrets" },
  { table: "idempotency", key: ["organization_id", "key"], column: "body" },
];

/**
 * Whether the text of a column is sealed. Stored responses to publishing contain no secret, other responses in the
 * column do.
 */
function isSealedText(column: string): string {
  return `(${column} like 'v1:%' or ${column} like 'v2:%')`;
}

const knownText = "weft";

interface KeyRow {
  readonly id: string;
  readonly sealed: string;
  readonly created_at: number;
  readonly retired_at: number | null;
}

/** Whether any text is sealed already. Then a missing key must not be created again. */
export async function isSealed(sql: Sql): Promise<boolean> {
  if ((await keyRows(sql)).length > 0) return true;
  return (await samples(sql)).length > 0;
}

/** Throws a sentence when something is sealed with a master key that this program does not have, or no longer may use. */
export async function checkOpens({ sql, vault }: ReadContext): Promise<void> {
  const rows = await keyRows(sql);
  if (rows.some(({ id, retired_at }) => id === vault.keyId && retired_at !== null)) {
    throw new Error("The master key of this program was replaced by a rotation. Set WEFT_MASTER_KEY to the new one.");
  }
  const live = rows.filter(({ retired_at }) => retired_at === null);
  const texts = live.length > 0 ? live.map(({ sealed }) => sealed) : await samples(sql);
  if (texts.every((text) => vault.openerOf(text) !== null)) return;
  const isRotating = texts.some((text) => vault.openerOf(text) !== null);
  throw new Error(isRotating ? otherKeyNeeded : wrongKey);
}

const wrongKey =
  "WEFT_MASTER_KEY is not the one that the secrets in this database are sealed with, or master.key beside the database is not. " +
  "Every node needs the key that they were stored with; for a rotation, give that key as WEFT_MASTER_KEY_PREVIOUS.";

const otherKeyNeeded =
  "The master key is being rotated, and some secrets in this database are still sealed with another key than this program has. " +
  "Give it the other key as WEFT_MASTER_KEY_PREVIOUS until the rotation has ended.";

/** Checks as `checkOpens` does, and stores the key of this program, so that other programs check theirs. */
export async function claimSealingKey({ sql, vault }: Pick<WriteContext, "sql" | "vault">, now: number): Promise<void> {
  await checkOpens({ sql, vault });
  if ((await keyRows(sql)).length === 0) await noteOpeners({ sql, vault });
  const known = (await keyRows(sql)).some(({ id }) => id === vault.keyId);
  if (known) return;
  await sql.run(
    "insert into sealing_key (id, sealed, created_at) values (?, ?, ?)",
    vault.keyId,
    vault.seal(knownText),
    await nextTime(sql, now),
  );
}

/** Stores the keys that an earlier program sealed with, the previous one as the older. */
async function noteOpeners({ sql, vault }: Pick<WriteContext, "sql" | "vault">): Promise<void> {
  const texts = await samples(sql);
  for (const [age, id] of vault.keyIds.toReversed().entries()) {
    const text = texts.find((sealed) => vault.openerOf(sealed) === id);
    if (text === undefined) continue;
    await sql.run("insert into sealing_key (id, sealed, created_at) values (?, ?, ?)", id, text, age);
  }
}

async function keyRows(sql: Sql): Promise<KeyRow[]> {
  return await sql.all<KeyRow>("select id, sealed, created_at, retired_at from sealing_key order by created_at desc");
}

/** A text of each column that has any: enough to see with which key an earlier program sealed. */
async function samples(sql: Sql): Promise<string[]> {
  const found: string[] = [];
  for (const { table, column } of sealedColumns) {
    const row = await sql.get<{ text: string }>(
      `select ${column} as text from ${table} where ${isSealedText(column)} limit 1`,
    );
    if (row !== null) found.push(row.text);
  }
  return found;
}

// Later than any other, even if a clock was set back.
async function nextTime(sql: Sql, now: number): Promise<number> {
  const [newest] = await keyRows(sql);
  return Math.max(now, (newest?.created_at ?? 0) + 1);
}

export async function isSealingDue({ sql, vault }: ReadContext): Promise<boolean> {
  const live = (await keyRows(sql)).filter(({ retired_at }) => retired_at === null);
  return live.length > 1 && live[0]?.id === vault.keyId;
}

async function aimSealing({ sql, vault }: WriteContext, { now }: { now: number }): Promise<null> {
  const at = await nextTime(sql, now);
  await sql.run("update sealing_key set created_at = ? where id = ? and retired_at is null", at, vault.keyId);
  return null;
}

async function sealAnew(
  { sql, vault }: WriteContext,
  { position, limit }: { position: SealingPosition | null; limit: number },
): Promise<SealingStep> {
  const { column: index, after } = position ?? { column: 0, after: null };
  const sealed = sealedColumns[index];
  if (sealed === undefined) return { next: null, sealed: 0, unreadable: 0 };
  const rows = await rowsAfter(sql, sealed, { after, limit, keyId: vault.keyId });
  let unreadable = 0;
  for (const { key, text } of rows) {
    if (vault.openerOf(text) === null) unreadable += 1;
    else await sealRow(sql, vault, sealed, { key, text });
  }
  const last = rows.at(-1);
  const isColumnDone = last === undefined || rows.length < limit;
  const next = isColumnDone ? { column: index + 1, after: null } : { column: index, after: last.key };
  return { next: next.column < sealedColumns.length ? next : null, sealed: rows.length - unreadable, unreadable };
}

interface SealedRow {
  readonly key: readonly SqlValue[];
  readonly text: string;
}

async function rowsAfter(
  sql: Sql,
  { table, key, column }: SealedColumn,
  { after, limit, keyId }: { after: readonly SqlValue[] | null; limit: number; keyId: string },
): Promise<SealedRow[]> {
  const keys = key.join(", ");
  const ahead = after === null ? "" : `and (${keys}) > (${key.map(() => "?").join(", ")})`;
  const rows = await sql.all<Record<string, string | number>>(
    `select ${keys}, ${column} as sealed_text from ${table}
     where ${isSealedText(column)} and ${column} not like ? ${ahead} order by ${keys} limit ?`,
    `${sealedPrefix(keyId)}%`,
    ...(after ?? []),
    limit,
  );
  return rows.map((row) => ({ key: key.map((name) => row[name] ?? null), text: String(row.sealed_text) }));
}

// A concurrent change of the row has sealed it already.
async function sealRow(sql: Sql, vault: Vault, { table, key, column }: SealedColumn, row: SealedRow): Promise<void> {
  const named = key.map((name) => `${name} = ?`).join(" and ");
  await sql.run(
    `update ${table} set ${column} = ? where ${named} and ${column} = ?`,
    vault.seal(vault.open(row.text)),
    ...row.key,
    row.text,
  );
}

export async function endSealing({ sql, vault }: WriteContext, { now }: { now: number }): Promise<SealingEnd> {
  for (const column of sealedColumns) {
    const left = await rowsAfter(sql, column, { after: null, limit: 1, keyId: vault.keyId });
    if (left.length > 0) return "left";
  }
  await sql.run(
    "update sealing_key set retired_at = ?, sealed = '' where id <> ? and retired_at is null",
    now,
    vault.keyId,
  );
  return "ended";
}
