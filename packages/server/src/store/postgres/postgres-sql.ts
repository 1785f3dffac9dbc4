import type { ClientBase, QueryResult } from "pg";
import { keptForm } from "../../domain/kept-text.ts";
import type { Dialect, Insertion, Sql, SqlValue } from "../sql.ts";
import { storeError } from "./faults.ts";

const dialect: Dialect = {
  forUpdate: "for update",
  forUpdateSkipLocked: "for update skip locked",
  lockName: "select pg_advisory_xact_lock(hashtextextended(?, 0))",
  eachText: "select json_array_elements_text(cast(? as json))",
  // Characters that Postgres cannot store in JSON are written as escapes, so they are replaced first.
  textsValue: (texts) => JSON.stringify(texts.map(keptForm)),
  eachId: "select cast(json_array_elements_text(cast(? as json)) as uuid)",
  // The planner expects a short array, and so does not join it with a whole table.
  isOneOf: (column) => `${column} = any (array(select cast(json_array_elements_text(cast(? as json)) as uuid)))`,
  isOneOfNumbers: (column) =>
    `${column} = any (array(select cast(json_array_elements_text(cast(? as json)) as bigint)))`,
  // In the C collation, only A to Z have lower-case forms.
  tablesNamingMessages: ["event_id"],
  byEventId: (organization, eventId) =>
    `select message_id from event_id where organization_id = ${organization} and event_id = ${eventId}`,
  hasItem: (column) =>
    `exists (select 1 from json_array_elements_text(cast(${column} as json)) as item where item = ?)`,
  eachItem: (column) => `json_array_elements(cast(${column} as json)) as item (value)`,
  positionIn: (column, text) => `strpos(${column}, ${text})`,
  contains: (column) => `strpos(lower(${column} collate "C"), lower(cast(? as text) collate "C")) > 0`,
};

/** A value of one column for every row of a statement, read there with `unnest`. */
export type Column = readonly (SqlValue | undefined)[];

interface Statement {
  /** With `$1` for each `?`. */
  readonly text: string;
  /** The server keeps it under this name, so that it is parsed and planned once for each connection. */
  readonly name: string;
}

const statements = new Map<string, Statement>();

/**
 * A connection in a transaction. Statements are sent without waiting for earlier ones; their results arrive in order.
 */
export class PostgresSql implements Sql {
  readonly dialect = dialect;
  readonly #client: ClientBase;
  readonly #isPrepared: boolean;
  /** The first failure. Later statements of the transaction also fail, and say only that an earlier one did. */
  #firstFailure: unknown = null;

  constructor(client: ClientBase, { isPrepared }: { isPrepared: boolean }) {
    this.#client = client;
    this.#isPrepared = isPrepared;
  }

  async get<Row>(text: string, ...values: readonly SqlValue[]): Promise<Row | null> {
    return ((await this.#query(text, values)).rows[0] as Row | undefined) ?? null;
  }

  async all<Row>(text: string, ...values: readonly SqlValue[]): Promise<Row[]> {
    return (await this.#query(text, values)).rows as Row[];
  }

  async run(text: string, ...values: readonly SqlValue[]): Promise<number> {
    return (await this.#query(text, values)).rowCount ?? 0;
  }

  async runEach(text: string, rows: readonly (readonly SqlValue[])[]): Promise<number> {
    const results = await Promise.all(rows.map((values) => this.#query(text, values)));
    return results.reduce((sum, result) => sum + (result.rowCount ?? 0), 0);
  }

  async insertEach({ ofColumns }: Insertion, rows: readonly (readonly SqlValue[])[]): Promise<number> {
    const [first] = rows;
    if (first === undefined) return 0;
    const columns = first.map((_, column) => rows.map((row) => row[column] ?? null));
    return (await this.#query(ofColumns, columns)).rowCount ?? 0;
  }

  /** A statement over columns of many rows, and single values. */
  async over<Row>(text: string, ...columns: readonly (Column | SqlValue)[]): Promise<Row[]> {
    return (await this.#query(text, columns)).rows as Row[];
  }

  /** Runs a statement without values. */
  async simply(text: string): Promise<void> {
    const result = await this.#awaited(this.#client.query(text));
    // In a transaction that failed, `commit` reports a rollback.
    if (text === "commit" && result.command !== "COMMIT") throw new Error("The transaction was rolled back.");
  }

  #query(text: string, values: readonly (Column | SqlValue)[]): Promise<QueryResult> {
    const statement = statementOf(text);
    const name = this.#isPrepared ? { name: statement.name } : {};
    return this.#awaited(this.#client.query({ ...name, text: statement.text, values: values.map(storable) }));
  }

  async #awaited(awaited: Promise<QueryResult>): Promise<QueryResult> {
    try {
      return await awaited;
    } catch (error) {
      this.#firstFailure ??= storeError(error);
      throw this.#firstFailure;
    }
  }
}

function statementOf(text: string): Statement {
  let statement = statements.get(text);
  if (statement === undefined) {
    let count = 0;
    statement = { text: text.replaceAll("?", () => `$${++count}`), name: `weft_${statements.size}` };
    statements.set(text, statement);
  }
  return statement;
}

function storable(value: Column | SqlValue): unknown {
  if (typeof value === "string") return keptForm(value);
  if (value === null || typeof value === "number") return value;
  return value.map((item) => (typeof item === "string" ? keptForm(item) : item));
}
