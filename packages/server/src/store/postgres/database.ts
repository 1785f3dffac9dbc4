import pg from "pg";
import { StoreUnavailableError } from "../../domain/errors.ts";
import { ConnectionLostError, lostRace, storeError } from "./faults.ts";
import { PostgresSql } from "./postgres-sql.ts";

export interface DatabaseSettings {
  readonly url: string;
  /**
   * The number of connections of this node, except for its commits of messages and attempts, which have one of their
   * own.
   */
  readonly connectionsMax: number;
  /**
   * Whether the server keeps named statements. It does not behind a pooler that gives each transaction any connection.
   */
  readonly preparesStatements: boolean;
}

const statementMs = 15_000;
const connectMs = 5_000;
const retriesMax = 8;
const firstRestMs = 25;
const restMsMax = 1_000;

// Set for each transaction, not for the connection: behind a pooler the next transaction may belong to another client.
const begin = `set local search_path to weft; set local statement_timeout to ${statementMs};
  set local idle_in_transaction_session_timeout to ${statementMs}`;
const beginReading = `begin read only; ${begin}`;
// All statements see one state, so that none of them misses a row that moves meanwhile. They are planned for their
// values each time, because a generic plan may scan everything for the few rows that match a filter.
const beginListing = `begin isolation level repeatable read read only; ${begin};
  set local plan_cache_mode to force_custom_plan`;
const beginWriting = `begin; set local synchronous_commit to on; ${begin}`;
// A commit names its rows, a thousand at most, and each is looked up. A plan that expects more of them would read a
// whole table.
const beginCommitting = `${beginWriting}; set local enable_hashjoin to off; set local enable_mergejoin to off`;

interface WritingWay {
  readonly pool: pg.Pool;
  readonly begin: string;
  /** Called when the connection broke during the commit: whether the commit happened. */
  readonly hasCommitted: () => Promise<boolean>;
}

/** Connections to one Postgres, and transactions over them. */
export class PostgresDatabase {
  readonly #commits: pg.Pool;
  readonly #others: pg.Pool;
  readonly #isPrepared: boolean;
  #failuresInARow = 0;
  #restUntil = 0;

  constructor({ url, connectionsMax, preparesStatements }: DatabaseSettings) {
    this.#isPrepared = preparesStatements;
    this.#commits = newPool(url, 1);
    this.#others = newPool(url, connectionsMax);
  }

  /** A transaction that reads. */
  read<Result>(body: (sql: PostgresSql) => Promise<Result>): Promise<Result> {
    return this.#read(beginReading, body);
  }

  /** Reads one state of the database, for queries that may read many rows. */
  list<Result>(body: (sql: PostgresSql) => Promise<Result>): Promise<Result> {
    return this.#read(beginListing, body);
  }

  /**
   * A transaction that writes. It runs again when it lost a race against another one, so `body` may be called again.
   */
  write<Result>(body: (sql: PostgresSql) => Promise<Result>): Promise<Result> {
    return this.#write({ pool: this.#others, begin: beginWriting, hasCommitted: async () => false }, body);
  }

  /**
   * Writes on the connection that is reserved for the commits of messages and attempts. `hasCommitted` is called when
   * the connection broke during the commit.
   */
  commit<Result>(body: (sql: PostgresSql) => Promise<Result>, hasCommitted: () => Promise<boolean>): Promise<Result> {
    return this.#write({ pool: this.#commits, begin: beginCommitting, hasCommitted }, body);
  }

  async close(): Promise<void> {
    await Promise.all([this.#commits.end(), this.#others.end()]);
  }

  #read<Result>(begin: string, body: (sql: PostgresSql) => Promise<Result>): Promise<Result> {
    return this.#with(this.#others, async (sql) => {
      const [, result] = await Promise.all([sql.simply(begin), body(sql)]);
      await sql.simply("commit");
      return result;
    });
  }

  async #write<Result>(way: WritingWay, body: (sql: PostgresSql) => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#with(way.pool, (sql) => this.#writeOnce(sql, way, body));
      } catch (error) {
        if (!lostRace(error) || tries === retriesMax) throw error;
        await rest(Math.random() * firstRestMs * tries);
      }
    }
  }

  async #writeOnce<Result>(
    sql: PostgresSql,
    { begin, hasCommitted }: WritingWay,
    body: (sql: PostgresSql) => Promise<Result>,
  ): Promise<Result> {
    const [, result] = await Promise.all([sql.simply(begin), body(sql)]);
    try {
      await sql.simply("commit");
    } catch (error) {
      if (!(error instanceof ConnectionLostError) || !(await hasCommitted())) throw error;
    }
    return result;
  }

  async #with<Result>(pool: pg.Pool, use: (sql: PostgresSql) => Promise<Result>): Promise<Result> {
    const client = await this.#connect(pool);
    const sql = new PostgresSql(client, { isPrepared: this.#isPrepared });
    let isBroken = false;
    try {
      return await use(sql);
    } catch (error) {
      isBroken = error instanceof ConnectionLostError || !(await sql.simply("rollback").then(yes, no));
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  /** Fails at once if the database was unreachable a moment ago, so that callers get an error and no queue builds up. */
  async #connect(pool: pg.Pool): Promise<pg.PoolClient> {
    if (performance.now() < this.#restUntil) {
      throw new StoreUnavailableError("The database cannot be reached. Nothing was stored; try again.");
    }
    try {
      const client = await pool.connect();
      this.#failuresInARow = 0;
      return client;
    } catch (error) {
      // All connections were in use for too long, which does not mean that the database is unavailable.
      if (pool.totalCount >= (pool.options.max ?? 1)) throw storeError(error);
      this.#failuresInARow += 1;
      this.#restUntil = performance.now() + Math.min(firstRestMs * 2 ** this.#failuresInARow, restMsMax);
      throw storeError(error);
    }
  }
}

const yes = () => true;
const no = () => false;

function newPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    pipeline: true,
    keepAlive: true,
    connectionTimeoutMillis: connectMs,
    // A silent server is given up shortly after it should have given up the statement itself.
    query_timeout: statementMs + 2_000,
    application_name: "weft",
    types: { getTypeParser },
  });
  // A broken connection rejects the queries that wait on it; an idle one is replaced when it is needed.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

const int8 = 20;

// Times in milliseconds and counts are far below 2^53.
function getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  return oid === int8 ? Number : pg.types.getTypeParser(oid, format as "text");
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
