import { firstIdAt } from "../../domain/id.ts";
import type { PostgresDatabase } from "./database.ts";
import { timeWithoutPartition } from "./faults.ts";
import type { PostgresSql } from "./postgres-sql.ts";

/** The tables that are cut into time ranges, all at the same times. */
const tables = ["message", "delivery", "attempt"] as const;

// The number is arbitrary; every Weft must use the same one.
const partitionLock = 7_306_002;
const hour = 3_600_000;
const day = 24 * hour;

interface TimeRange {
  readonly starts_at: number;
  readonly ends_at: number;
}

/**
 * The length of a range (ms): a twelfth of the retention, because that much more is kept, but at least an hour and at
 * most a week.
 */
export function rangeMs(retentionMs: number): number {
  const hours = Math.floor(retentionMs / 12 / hour);
  return Math.min(Math.max(1, hours) * hour, 7 * day);
}

/** Partitions by time. They are created ahead; a row of another time gets its partition when it is stored. */
export class Partitions {
  readonly #database: PostgresDatabase;
  readonly #rangeMs: number;

  constructor(database: PostgresDatabase, retentionMs: number) {
    this.#database = database;
    this.#rangeMs = rangeMs(retentionMs);
  }

  /** Runs an action that stores rows, and repeats it for each time that had no partition. */
  async covering<Result>(store: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await store();
      } catch (error) {
        const time = timeWithoutPartition(error);
        if (time === null) throw error;
        await this.cover([time]);
      }
    }
  }

  /** Creates the partitions for these times (ms), and for the length of a range after each. */
  async cover(times: readonly number[]): Promise<void> {
    const needed = times.flatMap((time) => [time, time + this.#rangeMs]);
    await this.#database.write(async (sql) => {
      await sql.simply(`select pg_advisory_xact_lock(${partitionLock})`);
      const ranges = await sql.all<TimeRange>("select starts_at, ends_at from time_range order by starts_at");
      for (const time of needed) {
        if (ranges.some((range) => range.starts_at <= time && time < range.ends_at)) continue;
        const range = rangeAround(time, this.#rangeMs, ranges);
        ranges.push(range);
        await makePartitions(sql, range);
      }
    });
  }

  /**
   * Drops the oldest range that ends before a time. With `onlyEmpty`, a range that contains a message stays. Returns whether
   * a range was dropped.
   */
  dropBefore(before: number, { onlyEmpty }: { onlyEmpty: boolean }): Promise<boolean> {
    return this.#database.write(async (sql) => {
      await sql.simply(`select pg_advisory_xact_lock(${partitionLock})`);
      const range = await sql.get<TimeRange>(
        "select * from time_range where ends_at <= ? order by starts_at limit 1",
        before,
      );
      if (range === null) return false;
      // Waits only briefly, because every other user of these tables would wait behind it.
      await sql.simply("set local lock_timeout to 2000");
      if (onlyEmpty && (await containsMessage(sql, range))) return false;
      await sql.run("delete from time_range where starts_at = ?", range.starts_at);
      await sql.simply(tables.map((table) => `drop table ${partition(table, range)}`).join("; "));
      return true;
    });
  }
}

/** A range of the usual length and alignment, shortened where it would overlap an existing one. */
export function rangeAround(time: number, lengthMs: number, others: readonly TimeRange[]): TimeRange {
  const start = Math.floor(time / lengthMs) * lengthMs;
  const before = others.filter((range) => range.ends_at <= time).map((range) => range.ends_at);
  const after = others.filter((range) => range.starts_at > time).map((range) => range.starts_at);
  return { starts_at: Math.max(start, ...before), ends_at: Math.min(start + lengthMs, ...after) };
}

async function makePartitions(sql: PostgresSql, range: TimeRange): Promise<void> {
  const [from, to] = [firstIdAt(range.starts_at), firstIdAt(range.ends_at)];
  for (const table of tables) {
    const name = partition(table, range);
    // Attached afterwards, which blocks no other transaction.
    await sql.simply(`create table ${name} (like ${table} including defaults including constraints)`);
    if (table === "delivery") {
      // Each row changes once or twice soon after it was stored: its page has room for that, and is cleaned early.
      await sql.simply(
        `alter table ${name} set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.2)`,
      );
    }
    await sql.simply(`alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}')`);
  }
  await sql.run("insert into time_range (starts_at, ends_at) values (?, ?)", range.starts_at, range.ends_at);
}

// The lock keeps messages out until the partition is dropped.
async function containsMessage(sql: PostgresSql, range: TimeRange): Promise<boolean> {
  const name = partition("message", range);
  await sql.simply(`lock table ${name} in access exclusive mode`);
  return (await sql.get(`select 1 from ${name} limit 1`)) !== null;
}

function partition(table: (typeof tables)[number], { starts_at }: TimeRange): string {
  return `${table}_${starts_at}`;
}
