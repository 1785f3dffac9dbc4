import pg from "pg";
import type { MessageId } from "../packages/server/src/domain/id.ts";
import { timeOfId } from "../packages/server/src/domain/id.ts";
import { PostgresServer } from "../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { TableImport } from "../packages/server/src/store/postgres/table-import.ts";
import type { BenchDatabase, DatabaseCosts, StoredMessage } from "./database.ts";
import { serverCpuMs } from "./server-cpu.ts";

const messagesPerTransaction = 10_000;
const retentionMs = 90 * 86_400_000;

const costsQuery = `select pg_current_wal_insert_lsn() - '0/0' as wal,
  (select xact_commit from pg_stat_database where datname = current_database()) as transactions,
  (select count(*) from pg_stat_activity
    where datname = current_database() and application_name like 'weft%') as connections,
  sum(pg_table_size(oid)) as tables, sum(pg_indexes_size(oid)) as indexes
  from pg_class where relnamespace = 'weft'::regnamespace and relkind = 'r'`;

type Row = Record<string, string | number | null>;

/** A database of its own on the server of a URL, or on a Postgres that is started for it. */
export class PostgresDatabase implements BenchDatabase {
  readonly nodesMax = 16;
  readonly url: string;
  readonly #server: PostgresServer | null;
  readonly #adminUrl: string;
  readonly #name: string;

  /** `postgres:` alone starts a server, which syncs to the disk like one in production. */
  static async make(databaseUrl: string): Promise<PostgresDatabase> {
    const server = databaseUrl === "postgres:" ? await PostgresServer.start({ isDurable: true }) : null;
    const adminUrl = server?.url("postgres") ?? databaseUrl;
    const name = `weft_bench_${process.pid}_${Date.now()}`;
    await withClient(adminUrl, (client) => client.query(`create database ${name}`));
    return new PostgresDatabase(server, adminUrl, name);
  }

  private constructor(server: PostgresServer | null, adminUrl: string, name: string) {
    this.#server = server;
    this.#adminUrl = adminUrl;
    this.#name = name;
    const url = new URL(adminUrl);
    url.pathname = `/${name}`;
    this.url = url.href;
  }

  async store(messages: Iterable<StoredMessage>, signal: AbortSignal): Promise<void> {
    await using tables = TableImport.over({
      url: this.url,
      masterKey: "",
      retentionMs,
      connectionsMax: 2,
      preparesStatements: true,
    });
    let waiting: StoredMessage[] = [];
    async function write(): Promise<void> {
      signal.throwIfAborted();
      const [first, last] = [waiting.at(0), waiting.at(-1)];
      if (first === undefined || last === undefined) return;
      await tables.cover(timeOfId(first.message.id), timeOfId(last.message.id) + 60_000);
      await tables.fill(async (writer) => {
        for (const [table, rows] of Object.entries(rowsOf(waiting))) {
          if (rows[0] !== undefined) await writer.write(table, Object.keys(rows[0]), rows);
        }
      });
      waiting = [];
    }
    for (const message of messages) {
      waiting.push(message);
      if (waiting.length === messagesPerTransaction) await write();
    }
    await write();
    // Autovacuum would have done this by then.
    await withClient(this.url, (client) => client.query("vacuum analyze"));
    await withClient(this.url, (client) => client.query("checkpoint"));
  }

  countAttempts(from: MessageId): Promise<number> {
    return this.#count("select count(*) as count from weft.attempt where message_id >= $1", from);
  }

  countUndelivered(from: MessageId): Promise<number> {
    return this.#count(
      "select count(*) as count from weft.delivery where message_id >= $1 and state <> 'delivered'",
      from,
    );
  }

  costs(): Promise<DatabaseCosts> {
    return withClient(this.url, async (client) => {
      const { rows } = await client.query(costsQuery);
      const { wal, transactions, connections, tables, indexes } = rows[0] as Record<string, string>;
      return {
        cpuMs: this.#server?.pid === undefined ? null : serverCpuMs(this.#server.pid),
        walBytes: Number(wal),
        transactions: Number(transactions),
        connections: Number(connections),
        storedBytes: Number(tables) + Number(indexes),
        indexBytes: Number(indexes),
      };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server !== null) return this.#server[Symbol.asyncDispose]();
    await withClient(this.#adminUrl, (client) => client.query(`drop database ${this.#name} with (force)`));
  }

  #count(text: string, from: MessageId): Promise<number> {
    return withClient(this.url, async (client) => Number((await client.query(text, [from])).rows[0]?.count));
  }
}

function rowsOf(messages: readonly StoredMessage[]): { message: Row[]; delivery: Row[]; attempt: Row[] } {
  return {
    message: messages.map(({ message }) => ({
      id: message.id,
      organization_id: message.organizationId,
      event_type: message.eventType,
      event_id: message.eventId,
      payload: message.payload,
      created_at: message.createdAt,
    })),
    delivery: messages.flatMap(({ message, deliveries }) =>
      deliveries.map(({ subscriptionId, state, dueAt, attempts }) => ({
        message_id: message.id,
        subscription_id: subscriptionId,
        organization_id: message.organizationId,
        state,
        trigger: "scheduled",
        attempts: attempts.length,
        schedule_step: 0,
        due_at: dueAt,
      })),
    ),
    attempt: messages.flatMap(({ message, deliveries }) =>
      deliveries.flatMap(({ attempts }) =>
        attempts.map((attempt) => ({
          id: attempt.id,
          organization_id: message.organizationId,
          message_id: message.id,
          subscription_id: attempt.subscriptionId,
          url: attempt.url,
          succeeded: attempt.succeeded ? 1 : 0,
          response_status: attempt.responseStatus,
          response_body: attempt.responseBody,
          response_headers: attempt.responseHeaders,
          error: attempt.error,
          started_at: attempt.startedAt,
          duration_ms: Math.round(attempt.durationMs),
          attempt_number: attempt.attemptNumber,
          trigger: attempt.trigger,
          next_attempt_at: attempt.nextAttemptAt,
        })),
      ),
    ),
  };
}

async function withClient<Answer>(url: string, use: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
