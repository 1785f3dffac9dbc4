import { statusClassIn } from "../../domain/status-class.ts";
import type { CommandsOf, QueriesOf } from "../operations.ts";
import type { ReadContext, SqlValue, WriteContext } from "../sql.ts";
import { isOf } from "../subscriptions/read-subscriptions.ts";
import type { AttemptCount, AttemptCountStore, ReadAttemptCounts } from "./interface.ts";

export const lists = { readAttemptCounts } satisfies QueriesOf<AttemptCountStore>;

export const commands = { rollUpAttemptCounts, deleteAttemptCountsBefore } satisfies CommandsOf<AttemptCountStore>;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const tables = [
  { name: "attempt_count_by_minute", lengthMs: minuteMs },
  { name: "attempt_count_by_hour", lengthMs: hourMs },
] as const;
type Table = (typeof tables)[number];

export async function readAttemptCounts(context: ReadContext, params: ReadAttemptCounts): Promise<AttemptCount[]> {
  const { organizationId, subscriptionId } = params;
  if (subscriptionId !== null && !(await isOf(context, { organizationId, subscriptionId }))) return [];
  const found = await Promise.all(tables.map((table) => countsIn(context, table, params)));
  const sums = new Map<string, AttemptCount>();
  for (const row of found.flat()) {
    const key = `${row.startsAt} ${row.statusClass} ${row.latency}`;
    sums.set(key, { ...row, attempts: row.attempts + (sums.get(key)?.attempts ?? 0) });
  }
  return [...sums.values()].sort((a, b) => a.startsAt - b.startsAt);
}

async function countsIn(
  { sql }: ReadContext,
  { name, lengthMs }: Table,
  { organizationId, subscriptionId, since, until, stepMs }: ReadAttemptCounts,
): Promise<AttemptCount[]> {
  const oldest = await sql.get<{ starts_at: number }>(
    `select starts_at from ${name} where starts_at >= ? order by starts_at limit 1`,
    since,
  );
  if (oldest === null) return [];
  const rows = await sql.all<{ step: number; status_class: number; latency: number; attempts: number }>(
    `select starts_at - starts_at % ? as step, status_class, latency, cast(sum(attempts) as bigint) as attempts from ${name}
       where ${sql.dialect.isOneOfNumbers("starts_at")} and subject_id = ? group by step, status_class, latency`,
    stepMs,
    JSON.stringify(timesBetween(oldest.starts_at, until, lengthMs)),
    subscriptionId ?? organizationId,
  );
  return rows.map(({ step, status_class, latency, attempts }) => ({
    startsAt: step,
    statusClass: statusClassIn(status_class),
    latency,
    attempts,
  }));
}

// Each row is looked up, because the counts of all other subjects lie between two times of one subject.
function timesBetween(first: number, until: number, lengthMs: number): number[] {
  return Array.from(
    { length: Math.max(0, Math.ceil((until - first) / lengthMs)) },
    (_, index) => first + index * lengthMs,
  );
}

const keyColumns = ["starts_at", "subject_id", "shard", "status_class", "latency"] as const;
type Row = { readonly [Column in (typeof keyColumns)[number]]: SqlValue } & { readonly attempts: number };

async function rollUpAttemptCounts(
  { sql }: WriteContext,
  { before, limit }: { before: number; limit: number },
): Promise<number> {
  const minutes = await sql.all<Row & { starts_at: number }>(
    `${deletingOldest(sql, "attempt_count_by_minute")} returning *`,
    before,
    limit,
  );
  const hours = new Map<string, SqlValue[]>();
  for (const { attempts, ...row } of minutes) {
    const hour = { ...row, starts_at: row.starts_at - (row.starts_at % hourMs) };
    const key = keyColumns.map((column) => hour[column]);
    const known = hours.get(key.join(" "));
    hours.set(key.join(" "), [...key, attempts + Number(known?.at(-1) ?? 0)]);
  }
  // All nodes use one order, so that no two of them wait for each other.
  const inOrder = [...hours].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
  await sql.runEach(
    `insert into attempt_count_by_hour as known (${keyColumns.join(", ")}, attempts) values (?, ?, ?, ?, ?, ?)
       on conflict (${keyColumns.join(", ")}) do update set attempts = known.attempts + excluded.attempts`,
    inOrder,
  );
  return minutes.length;
}

async function deleteAttemptCountsBefore(
  { sql }: WriteContext,
  { before, limit }: { before: number; limit: number },
): Promise<number> {
  const hours = await sql.run(deletingOldest(sql, "attempt_count_by_hour"), before, limit);
  return (
    hours + (hours === limit ? 0 : await sql.run(deletingOldest(sql, "attempt_count_by_minute"), before, limit - hours))
  );
}

function deletingOldest({ dialect }: WriteContext["sql"], table: Table["name"]): string {
  const key = keyColumns.join(", ");
  return `delete from ${table} where (${key}) in
    (select ${key} from ${table} where starts_at < ? order by ${key} limit ? ${dialect.forUpdateSkipLocked})`;
}
