import pg from "pg";
import type { SubscriptionId } from "../../domain/id.ts";
import type { PostgresDatabase } from "./database.ts";

const channel = "weft";
const notifyEveryMs = 20;
const reconnectMs = 1_000;
const connectMs = 5_000;

interface Rhythm {
  readonly lookEveryMs: number;
  /** A change is seen only when its transaction commits, which may be this much later than the time it carries. */
  readonly overlapMs: number;
}

interface Look {
  /** By the clock of the database, as text: to the microsecond. */
  readonly at: string;
  readonly id: SubscriptionId | null;
  readonly changed_at: string;
}

/**
 * Tells this node of subscriptions that other nodes changed. It looks now and then, and at once when another node
 * notifies; the notification says nothing but "look", is sent after the commit, and may get lost without harm.
 */
export class ChangeFeed {
  readonly #url: string;
  readonly #database: PostgresDatabase;
  readonly #onChange: (subscriptionId: SubscriptionId) => void;
  readonly #rhythm: Rhythm;
  /** When it looked last: however long the database was away, what changed meanwhile is found. */
  #lookedAt: string | null = null;
  /** The time of the last change seen of each subscription, as long as it may be found again. */
  readonly #seen = new Map<SubscriptionId, string>();
  #listener: pg.Client | null = null;
  #lookAt: NodeJS.Timeout | null = null;
  #isLooking = false;
  #looksAgain = false;
  #notifyAt: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(
    url: string,
    database: PostgresDatabase,
    onChange: (subscriptionId: SubscriptionId) => void,
    rhythm: Rhythm = { lookEveryMs: 2_000, overlapMs: 30_000 },
  ) {
    this.#rhythm = rhythm;
    this.#url = url;
    this.#database = database;
    this.#onChange = onChange;
  }

  async start(): Promise<void> {
    await this.#look();
    void this.#listen();
  }

  /** A change that this node made, and so knows of. */
  know(subscriptionId: SubscriptionId, changedAt: string): void {
    this.#seen.set(subscriptionId, changedAt);
  }

  /** This node changed something. Many changes share a notification. */
  notify(): void {
    if (this.#isClosed) return;
    this.#notifyAt ??= setTimeout(() => {
      this.#notifyAt = null;
      this.#listener?.query(`notify ${channel}`).catch(() => {});
    }, notifyEveryMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#lookAt !== null) clearTimeout(this.#lookAt);
    if (this.#notifyAt !== null) clearTimeout(this.#notifyAt);
    await this.#listener?.end().catch(() => {});
  }

  async #look(): Promise<void> {
    if (this.#isLooking) {
      this.#looksAgain = true;
      return;
    }
    this.#isLooking = true;
    if (this.#lookAt !== null) clearTimeout(this.#lookAt);
    try {
      await this.#tellChanges();
    } catch {
      // The database is unreachable. Its callers get errors of their own; the feed looks again in a moment.
    }
    this.#isLooking = false;
    if (this.#isClosed) return;
    const restMs = this.#looksAgain ? 0 : this.#rhythm.lookEveryMs;
    this.#looksAgain = false;
    this.#lookAt = setTimeout(() => void this.#look(), restMs);
  }

  async #tellChanges(): Promise<void> {
    const rows = await this.#database.read((sql) =>
      sql.all<Look>(
        `select cast(now.at as text) as at, id, cast(changed_at as text) as changed_at
         from (select clock_timestamp() as at) as now left join subscription
           on changed_at > coalesce(cast(? as timestamptz), now.at) - cast(? as interval)`,
        this.#lookedAt,
        `${this.#rhythm.overlapMs} milliseconds`,
      ),
    );
    this.#lookedAt = rows[0]?.at ?? this.#lookedAt;
    const ids = new Set(rows.map((row) => row.id));
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id);
    for (const { id, changed_at } of rows) {
      if (id === null || this.#seen.get(id) === changed_at) continue;
      this.#seen.set(id, changed_at);
      this.#onChange(id);
    }
  }

  async #listen(): Promise<void> {
    if (this.#isClosed) return;
    const listener = new pg.Client({
      connectionString: this.#url,
      keepAlive: true,
      pipeline: true,
      connectionTimeoutMillis: connectMs,
      application_name: "weft listen",
    });
    const broken = Promise.withResolvers<void>();
    listener.on("error", () => broken.resolve());
    listener.on("end", () => broken.resolve());
    listener.on("notification", () => void this.#look());
    try {
      await listener.connect();
      await listener.query(`listen ${channel}`);
      this.#listener = listener;
      // Closed meanwhile: nothing else would end this connection, and it would keep the process alive.
      if (!this.#isClosed) await broken.promise;
    } catch {
      // LISTEN does not work behind a pooler; looking now and then is enough.
    }
    this.#listener = null;
    await listener.end().catch(() => {});
    if (!this.#isClosed) setTimeout(() => void this.#listen(), reconnectMs).unref();
  }
}
