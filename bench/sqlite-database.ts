import { mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import type { MessageId } from "../packages/server/src/domain/id.ts";
import type { BenchDatabase, DatabaseCosts, StoredMessage } from "./database.ts";

const messagesPerTransaction = 50_000;

export class SqliteDatabase implements BenchDatabase {
  readonly nodesMax = 1;
  readonly #folder: string;
  readonly #path: string;

  static async make(parentFolder: string): Promise<SqliteDatabase> {
    return new SqliteDatabase(await mkdtemp(join(parentFolder, "weft-")));
  }

  private constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, "weft.db");
  }

  get url(): string {
    return `sqlite:${this.#path}`;
  }

  async store(messages: Iterable<StoredMessage>, signal: AbortSignal): Promise<void> {
    using database = new DatabaseSync(this.#path, { enableForeignKeyConstraints: false });
    // An incomplete copy is useless after a crash.
    database.exec("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -262144");
    const insert = inserter(database);
    let stored = 0;
    database.exec("begin");
    for (const message of messages) {
      insert(message);
      stored += 1;
      if (stored % messagesPerTransaction > 0) continue;
      database.exec("commit");
      await turn(undefined, { signal });
      database.exec("begin");
    }
    database.exec("commit");
    await this.#sync();
  }

  async countAttempts(from: MessageId): Promise<number> {
    return this.#count("select count(*) as count from attempt where message_id >= ?", from);
  }

  async countUndelivered(from: MessageId): Promise<number> {
    return this.#count("select count(*) as count from delivery where message_id >= ? and state <> 'delivered'", from);
  }

  async costs(): Promise<DatabaseCosts> {
    using database = new DatabaseSync(this.#path, { readOnly: true });
    const pages = Number(database.prepare("pragma page_count").get()?.page_count);
    const pageBytes = Number(database.prepare("pragma page_size").get()?.page_size);
    const storedBytes = pages * pageBytes;
    return { cpuMs: null, walBytes: null, transactions: null, connections: null, storedBytes, indexBytes: null };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #count(text: string, from: MessageId): number {
    using database = new DatabaseSync(this.#path, { readOnly: true });
    return Number(database.prepare(text).get(from)?.count);
  }

  // Otherwise the system writes gigabytes while something is measured.
  async #sync(): Promise<void> {
    await using file = await open(this.#path, "r+");
    await file.sync();
  }
}

function inserter(database: DatabaseSync): (stored: StoredMessage) => void {
  const insertMessage = database.prepare(
    "insert into message (id, organization_id, event_type, event_id, payload, created_at) values (?, ?, ?, ?, ?, ?)",
  );
  const insertDelivery = database.prepare(
    `insert into delivery (message_id, subscription_id, organization_id, state, trigger, attempts, schedule_step, due_at)
     values (?, ?, ?, ?, 'scheduled', ?, 0, ?)`,
  );
  const insertAttempt = database.prepare(
    `insert into attempt (id, organization_id, message_id, subscription_id, url, succeeded, response_status, response_body,
       response_headers, error, started_at, duration_ms, attempt_number, trigger, next_attempt_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return ({ message, deliveries }) => {
    const { id, organizationId, eventType, eventId, payload, createdAt } = message;
    insertMessage.run(id, organizationId, eventType, eventId, payload, createdAt);
    for (const { subscriptionId, state, dueAt, attempts } of deliveries) {
      insertDelivery.run(id, subscriptionId, organizationId, state, attempts.length, dueAt);
      for (const attempt of attempts) {
        insertAttempt.run(
          attempt.id,
          organizationId,
          id,
          subscriptionId,
          attempt.url,
          attempt.succeeded ? 1 : 0,
          attempt.responseStatus,
          attempt.responseBody,
          attempt.responseHeaders,
          attempt.error,
          attempt.startedAt,
          attempt.durationMs,
          attempt.attemptNumber,
          attempt.trigger,
          attempt.nextAttemptAt,
        );
      }
    }
  };
}
