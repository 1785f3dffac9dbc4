import type { Dialect, Insertion, Sql, SqlValue } from "../sql.ts";
import type { Database } from "./database.ts";

const dialect: Dialect = {
  // There is one writer.
  forUpdate: "",
  forUpdateSkipLocked: "",
  lockName: null,
  eachText: "select value from json_each(?)",
  textsValue: (texts) => JSON.stringify(texts),
  eachId: "select value from json_each(?)",
  isOneOf: (column) => `${column} in (select value from json_each(?))`,
  isOneOfNumbers: (column) => `${column} in (select value from json_each(?))`,
  tablesNamingMessages: [],
  byEventId: (organization, eventId) =>
    `select id from message where organization_id = ${organization} and event_id = ${eventId}`,
  hasItem: (column) => `exists (select 1 from json_each(${column}) where value = ?)`,
  eachItem: (column) => `json_each(${column}) as item`,
  positionIn: (column, text) => `instr(${column}, ${text})`,
  contains: (column) => `instr(lower(${column}), lower(?)) > 0`,
};

/** SQLite returns at once; the promises are for the operations that PostgreSQL shares. */
export class SqliteSql implements Sql {
  readonly dialect = dialect;
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async get<Row>(text: string, ...values: readonly SqlValue[]): Promise<Row | null> {
    return this.#db.get<Row>(text, ...values);
  }

  async all<Row>(text: string, ...values: readonly SqlValue[]): Promise<Row[]> {
    return this.#db.all<Row>(text, ...values);
  }

  async run(text: string, ...values: readonly SqlValue[]): Promise<number> {
    return this.#db.run(text, ...values);
  }

  async runEach(text: string, rows: readonly (readonly SqlValue[])[]): Promise<number> {
    let changed = 0;
    for (const values of rows) changed += this.#db.run(text, ...values);
    return changed;
  }

  async insertEach({ ofRows }: Insertion, rows: readonly (readonly SqlValue[])[]): Promise<number> {
    let changed = 0;
    for (let from = 0; from < rows.length; ) {
      const count = rowsAtOnce(rows.length - from);
      changed += this.#db.run(ofRows(count), ...rows.slice(from, from + count).flat());
      from += count;
    }
    return changed;
  }
}

const rowsAtOnceMax = 256;

/**
 * The rows of the next statement: a power of two, so that few statements are prepared. Before each statement that inserts chunks,
 * the full-text index writes the words of the chunks before it, which costs more than the chunks if each has a statement.
 */
function rowsAtOnce(left: number): number {
  return Math.min(rowsAtOnceMax, 2 ** Math.floor(Math.log2(left)));
}
