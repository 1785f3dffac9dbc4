import type { Sql } from "../sql.ts";
import type { Verification } from "./interface.ts";

const counted = [
  "organization",
  "api_key",
  "subscription",
  "signing_secret",
  "message",
  "delivery",
  "attempt",
] as const;

/** References that are in the schema of only one database, because the tables of the other one are partitioned. */
const references = [
  { table: "message", column: "organization_id", to: "organization" },
  { table: "delivery", column: "message_id", to: "message" },
  { table: "delivery", column: "subscription_id", to: "subscription" },
] as const;

/** Reads every message, delivery and attempt, which takes time. */
export async function verifyRows(sql: Sql): Promise<Verification> {
  const rows: Record<string, number> = {};
  for (const table of counted) rows[table] = await countOf(sql, `select count(*) as count from ${table}`);
  const broken: Record<string, number> = {};
  for (const { table, column, to } of references) {
    const count = await countOf(
      sql,
      `select count(*) as count from ${table} where not exists (select 1 from ${to} where ${to}.id = ${table}.${column})`,
    );
    if (count > 0) broken[table] = (broken[table] ?? 0) + count;
  }
  const newest = await sql.get<{ at: number | null }>("select max(created_at) as at from message");
  return { rows, newestMessageAt: newest?.at ?? null, broken };
}

async function countOf(sql: Sql, text: string): Promise<number> {
  return (await sql.get<{ count: number }>(text))?.count ?? 0;
}
