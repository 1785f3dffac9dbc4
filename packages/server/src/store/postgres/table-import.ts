import type { SqlValue } from "../sql.ts";
import { PostgresDatabase } from "./database.ts";
import { Partitions, rangeMs } from "./partitions.ts";
import type { PostgresSql } from "./postgres-sql.ts";
import type { PostgresSettings } from "./postgres-store.ts";

/** Adds rows to a database: all of them, or none. */
export class TableImport implements AsyncDisposable {
  readonly #database: PostgresDatabase;
  readonly #partitions: Partitions;
  readonly #rangeMs: number;

  private constructor(settings: PostgresSettings) {
    this.#database = new PostgresDatabase(settings);
    this.#partitions = new Partitions(this.#database, settings.retentionMs);
    this.#rangeMs = rangeMs(settings.retentionMs);
  }

  /** Adds rows to a database that already has the schema. */
  static over(settings: PostgresSettings): TableImport {
    return new TableImport(settings);
  }

  /** Creates the partitions for everything between two times (ms). */
  async cover(first: number, last: number): Promise<void> {
    const times: number[] = [];
    for (let time = first; time < last; time += this.#rangeMs) times.push(time);
    await this.#partitions.cover([...times, last]);
  }

  /** Everything that `fill` writes is stored, or nothing if it throws. */
  fill(fill: (tables: TableWriter) => Promise<void>): Promise<void> {
    return this.#database.write((sql) => fill(new TableWriter(sql)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
  }
}

export class TableWriter {
  readonly #sql: PostgresSql;

  constructor(sql: PostgresSql) {
    this.#sql = sql;
  }

  async write(
    table: string,
    columns: readonly string[],
    rows: readonly Readonly<Record<string, SqlValue>>[],
  ): Promise<void> {
    const types = await this.#types(table);
    const arrays = columns.map((column) => `cast(? as ${types.get(column)}[])`);
    await this.#sql.over(
      `insert into ${table} (${columns.join(", ")}) select * from unnest(${arrays.join(", ")})`,
      ...columns.map((column) => rows.map((row) => row[column])),
    );
  }

  async #types(table: string): Promise<Map<string, string>> {
    const rows = await this.#sql.all<{ column_name: string; udt_name: string }>(
      "select column_name, udt_name from information_schema.columns where table_schema = 'weft' and table_name = ?",
      table,
    );
    return new Map(rows.map((row) => [row.column_name, row.udt_name]));
  }
}
