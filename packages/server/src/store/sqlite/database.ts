import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

export type Row = Record<string, string | number | null>;

/**
 * A connection with its prepared statements, cached by their text. Callers pass constant texts and bind every value.
 */
export class Database {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, options: { readOnly: boolean }) {
    this.path = path;
    this.#connection = new DatabaseSync(path, { readOnly: options.readOnly, timeout: 5_000 });
    this.#connection.exec(
      `pragma foreign_keys = on; pragma cache_size = -${options.readOnly ? 8192 : 24576}; pragma temp_store = memory;`,
    );
    if (options.readOnly) return;
    // NORMAL: the log is written without waiting; log-file.ts waits before a commit is confirmed. A checkpoint of
    // the log costs the same for many pages as for few, and stalls one commit, so it runs at 32 MiB instead of 4.
    this.#connection.exec(
      "pragma journal_mode = wal; pragma synchronous = normal; pragma wal_autocheckpoint = 8000; pragma journal_size_limit = 67108864;",
    );
  }

  get inTransaction(): boolean {
    return this.#connection.isTransaction;
  }

  exec(text: string): void {
    this.#connection.exec(text);
  }

  /** Returns how many rows changed. */
  run(text: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(text).run(...values).changes);
  }

  get<T = Row>(text: string, ...values: SQLInputValue[]): T | null {
    return (this.#statement(text).get(...values) as T | undefined) ?? null;
  }

  all<T = Row>(text: string, ...values: SQLInputValue[]): T[] {
    return this.#statement(text).all(...values) as T[];
  }

  /** Row by row, for more rows than should be in memory. */
  iterate<T = Row>(text: string, ...values: SQLInputValue[]): IterableIterator<T> {
    return this.#statement(text).iterate(...values) as IterableIterator<T>;
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  #statement(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.#connection.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }
}
