import type { Clock } from "../../domain/clock.ts";
import type { CopiedRow, CopiedTable, CopyPosition, CopyTarget } from "../copies/interface.ts";
import { readCopiedRows } from "../copies/read-rows.ts";
import { PostgresDatabase } from "./database.ts";
import { hasIncompleteCopy } from "./incomplete-copy.ts";
import { migrate } from "./migrate.ts";
import { Partitions } from "./partitions.ts";
import type { PostgresSql } from "./postgres-sql.ts";
import type { PostgresSettings } from "./postgres-store.ts";
import { TableWriter } from "./table-import.ts";

/** A PostgreSQL database that a copy fills. */
export class PostgresCopyTarget implements CopyTarget {
  readonly #database: PostgresDatabase;
  readonly #partitions: Partitions;

  private constructor(settings: PostgresSettings) {
    this.#database = new PostgresDatabase(settings);
    this.#partitions = new Partitions(this.#database, settings.retentionMs);
  }

  /** Brings the schema up to this program's. Throws when there is an installation in the database already. */
  static async open(settings: PostgresSettings, clock: Clock): Promise<PostgresCopyTarget> {
    const opened = new PostgresCopyTarget(settings);
    try {
      await migrate(opened.#database, clock);
      await opened.#database.write((sql) => begin(sql));
      return opened;
    } catch (error) {
      await opened[Symbol.asyncDispose]();
      throw error;
    }
  }

  positions(): Promise<ReadonlyMap<string, CopyPosition>> {
    return this.#database.read(async (sql) => {
      const rows = await sql.all<{ name: string; position: string }>("select name, position from copy_position");
      return new Map(rows.map(({ name, position }) => [name, JSON.parse(position) as CopyPosition]));
    });
  }

  async writeRows(table: CopiedTable, rows: readonly CopiedRow[], position: CopyPosition): Promise<void> {
    await this.#partitions.covering(() =>
      this.#database.write(async (sql) => {
        await new TableWriter(sql).write(table.name, table.columns, rows);
        if (table.name === "message" || table.name === "outbox") await writeEventIds(sql, rows);
        await sql.run(
          "insert into copy_position (name, position) values (?, ?) on conflict (name) do update set position = excluded.position",
          table.name,
          JSON.stringify(position),
        );
      }),
    );
  }

  readRows(table: CopiedTable, after: CopyPosition | null, limit: number): Promise<CopiedRow[]> {
    return this.#database.list((sql) => readCopiedRows(sql, table, after, limit));
  }

  async finish(): Promise<void> {
    await this.#database.write((sql) => sql.simply("drop table copy_position"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
  }
}

async function begin(sql: PostgresSql): Promise<void> {
  if (await hasIncompleteCopy(sql)) return;
  if ((await sql.get("select 1 from organization limit 1")) !== null) {
    throw new Error(
      "That database already contains a Weft. Copy into an empty database, or `drop schema weft cascade` there first.",
    );
  }
  await sql.simply("create table weft.copy_position (name text primary key, position text not null)");
}

async function writeEventIds(sql: PostgresSql, rows: readonly CopiedRow[]): Promise<void> {
  const named = rows.filter((row) => row.event_id !== null);
  if (named.length === 0) return;
  await new TableWriter(sql).write(
    "event_id",
    ["organization_id", "event_id", "message_id"],
    named.map((row) => ({
      organization_id: row.organization_id ?? null,
      event_id: row.event_id ?? null,
      message_id: row.id ?? null,
    })),
  );
}
