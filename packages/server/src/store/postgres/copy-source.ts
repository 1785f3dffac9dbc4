import type pg from "pg";
import type { Clock } from "../../domain/clock.ts";
import type { CopiedRow, CopiedTable, CopyPosition, CopySource } from "../copies/interface.ts";
import { readCopiedRows } from "../copies/read-rows.ts";
import { checkOpens } from "../sealing/sql.ts";
import type { Vault } from "../vault.ts";
import { beginReadingAll, PostgresDatabase } from "./database.ts";
import { refuseIncompleteCopy } from "./incomplete-copy.ts";
import { migrate } from "./migrate.ts";
import { PostgresSql } from "./postgres-sql.ts";
import type { PostgresSettings } from "./postgres-store.ts";

// Longer than a lease: a node that was stopped has expired by then.
const patienceMs = 15_000;
const lookEveryMs = 500;
const never = new AbortController().signal;

/** A PostgreSQL installation that is copied, while no node runs on it. */
export class PostgresCopySource implements CopySource {
  readonly #database: PostgresDatabase;
  readonly #client: pg.Client;
  readonly #sql: PostgresSql;

  private constructor(database: PostgresDatabase, client: pg.Client) {
    this.#database = database;
    this.#client = client;
    this.#sql = new PostgresSql(client, { isPrepared: false });
  }

  /** Brings the schema up to this program's. Throws when nodes are running. */
  static async open(settings: PostgresSettings, clock: Clock): Promise<PostgresCopySource> {
    const database = new PostgresDatabase(settings);
    try {
      await migrate(database, clock);
      await refuseIncompleteCopy(database);
      await waitForNodesToEnd(database, clock);
      const client = await database.client("weft migrate copy");
      const source = new PostgresCopySource(database, client);
      await source.#sql.simply(beginReadingAll);
      return source;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  async checkMasterKey(vault: Vault): Promise<void> {
    await checkOpens({ sql: this.#sql, vault });
  }

  readRows(table: CopiedTable, after: CopyPosition | null, limit: number): Promise<CopiedRow[]> {
    return readCopiedRows(this.#sql, table, after, limit);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
    await this.#database.close();
  }
}

async function waitForNodesToEnd(database: PostgresDatabase, clock: Clock): Promise<void> {
  const until = clock.now() + patienceMs;
  const living = `select 1 from node where expired_at is null
    and lease_until > extract(epoch from clock_timestamp()) * 1000 limit 1`;
  while ((await database.read((sql) => sql.get(living))) !== null) {
    if (clock.now() >= until) {
      throw new Error("Nodes are running on this database. Stop them, and copy again.");
    }
    await clock.sleep(lookEveryMs, never);
  }
}
