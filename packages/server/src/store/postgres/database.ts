import type pg from "pg";
import { OutcomeUnknownError, StoreUnavailableError } from "../../domain/errors.ts";
import {
  ConnectionLostError,
  ConnectionsInUseError,
  hasStalePlan,
  lostRace,
  NoPrimaryError,
  storeError,
} from "./faults.ts";
import type { PoolName } from "./host-pools.ts";
import { Hosts, type ServerState } from "./hosts.ts";
import { PostgresSql } from "./postgres-sql.ts";

export interface DatabaseSettings {
  /** One server or several, of which one is the primary. */
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
/** A silent server is given up shortly after it should have given up the statement itself. */
const queryMs = statementMs + 2_000;
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
/** A transaction for any time, which a later read of the same transaction sees unchanged. */
export const beginReadingAll = `begin isolation level repeatable read read only; set local search_path to weft;
  set local statement_timeout to 0; set local idle_in_transaction_session_timeout to 0`;
const beginMigrating = `begin; set local synchronous_commit to on; set local search_path to weft;
  set local statement_timeout to 0; set local idle_in_transaction_session_timeout to ${statementMs}`;

interface WritingWay {
  readonly pool: PoolName;
  readonly begin: string;
  /** Called when the commit failed, which leaves its outcome open: whether it happened. Null if that cannot be found out. */
  readonly hasCommitted: (() => Promise<boolean>) | null;
}

/** Connections to the primary of one database, and transactions over them. */
export class PostgresDatabase {
  readonly #hosts: Hosts;
  readonly #isPrepared: boolean;
  readonly #connectionsMax: number;
  #failuresInARow = 0;
  #restUntil = 0;

  constructor({ url, connectionsMax, preparesStatements }: DatabaseSettings) {
    this.#isPrepared = preparesStatements;
    this.#connectionsMax = connectionsMax;
    this.#hosts = new Hosts(url, { connectionsMax, queryMs });
  }

  /** Calls a listener when another server, or the same one after a promotion, became the primary. */
  onNewPrimary(listener: (server: string) => void): void {
    this.#hosts.onNewPrimary(listener);
  }

  /** The state of each server, in the order of the URL. */
  states(): Promise<ServerState[]> {
    return this.#hosts.states();
  }

  /** A connection that the caller uses without transactions, and ends. */
  async client(applicationName: string): Promise<pg.Client> {
    try {
      return await this.#hosts.client({ application_name: applicationName });
    } catch (error) {
      throw storeError(error);
    }
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
    return this.#write({ pool: "others", begin: beginWriting, hasCommitted: null }, body);
  }

  /**
   * Writes on the connection that is reserved for the commits of messages and attempts. `hasCommitted` is called when
   * the commit failed, in most cases because the connection broke.
   */
  commit<Result>(body: (sql: PostgresSql) => Promise<Result>, hasCommitted: () => Promise<boolean>): Promise<Result> {
    return this.#write({ pool: "commits", begin: beginCommitting, hasCommitted }, body);
  }

  /** A transaction that changes the schema, and may take any time. */
  migrate<Result>(body: (sql: PostgresSql) => Promise<Result>): Promise<Result> {
    return this.#apart("weft migrate", beginMigrating, body);
  }

  /** Reads one state of the database for any time. */
  readAll<Result>(body: (sql: PostgresSql) => Promise<Result>): Promise<Result> {
    return this.#apart("weft check", beginReadingAll, body);
  }

  /** A transaction on a connection of its own, without a limit on the time of its statements. */
  async #apart<Result>(
    applicationName: string,
    begin: string,
    body: (sql: PostgresSql) => Promise<Result>,
  ): Promise<Result> {
    const client = await this.client(applicationName);
    try {
      const sql = new PostgresSql(client, { isPrepared: false });
      await sql.simply(begin);
      const result = await body(sql);
      await sql.simply("commit");
      return result;
    } finally {
      // The server undoes a transaction that was not committed.
      await client.end();
    }
  }

  async close(): Promise<void> {
    await this.#hosts.close();
  }

  async #read<Result>(begin: string, body: (sql: PostgresSql) => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#with("others", async (sql) => {
          const [, result] = await Promise.all([sql.simply(begin), body(sql)]);
          await sql.simply("commit");
          return result;
        });
      } catch (error) {
        if (!this.#meetsNewColumns(error, tries)) throw error;
      }
    }
  }

  async #write<Result>(way: WritingWay, body: (sql: PostgresSql) => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#with(way.pool, (sql) => this.#writeOnce(sql, way, body));
      } catch (error) {
        if (this.#meetsNewColumns(error, tries)) continue;
        if (!lostRace(error) || tries >= retriesMax) throw error;
        await rest(Math.random() * firstRestMs * tries);
      }
    }
  }

  /** After a migration, a retry on another connection succeeds. Each connection may fail once. */
  #meetsNewColumns(error: unknown, tries: number): boolean {
    return hasStalePlan(error) && tries <= this.#connectionsMax;
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
      if (hasCommitted === null) throw error instanceof ConnectionLostError ? outcomeUnknown(error) : error;
      // A server that shuts down may report the shutdown after it has committed.
      if (!(await hasCommitted())) throw error;
    }
    return result;
  }

  async #with<Result>(pool: PoolName, use: (sql: PostgresSql) => Promise<Result>): Promise<Result> {
    using _ = this.#hosts.expectResult();
    const client = await this.#connect(pool);
    const sql = new PostgresSql(client, { isPrepared: this.#isPrepared });
    let isBroken = false;
    try {
      return await use(sql);
    } catch (error) {
      isBroken = cannotContinue(error) || !(await sql.simply("rollback").then(yes, no));
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  /** Fails at once if the database was unreachable a moment ago, so that callers get an error and no queue builds up. */
  async #connect(pool: PoolName): Promise<pg.PoolClient> {
    if (performance.now() < this.#restUntil) {
      throw new StoreUnavailableError("The database cannot be reached. Nothing was stored; try again.");
    }
    try {
      const client = await this.#hosts.connect(pool);
      this.#failuresInARow = 0;
      return client;
    } catch (error) {
      if (error instanceof ConnectionsInUseError) throw error;
      this.#failuresInARow += 1;
      this.#restUntil = performance.now() + Math.min(firstRestMs * 2 ** this.#failuresInARow, restMsMax);
      throw storeError(error);
    }
  }
}

/** Whether a connection must be replaced: it is broken, its server is no primary, or its statements are outdated. */
function cannotContinue(error: unknown): boolean {
  return (
    [ConnectionLostError, OutcomeUnknownError, NoPrimaryError].some((kind) => error instanceof kind) ||
    hasStalePlan(error)
  );
}

function outcomeUnknown(cause: Error): OutcomeUnknownError {
  return new OutcomeUnknownError(
    "The database did not respond to a commit. The change may have been stored; try again.",
    { cause },
  );
}

const yes = () => true;
const no = () => false;

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
