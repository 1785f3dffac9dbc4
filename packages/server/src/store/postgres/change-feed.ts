import type pg from "pg";
import { Alarm } from "../../domain/alarm.ts";
import { type Clock, loop } from "../../domain/clock.ts";
import type { SubscriptionId } from "../../domain/id.ts";
import type { PostgresDatabase } from "./database.ts";

const channel = "weft";
const notifyEveryMs = 20;
const reconnectMs = 1_000;

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

interface ChangeFeedParts {
  readonly database: Pick<PostgresDatabase, "read" | "client">;
  readonly clock: Clock;
  readonly onChange: (subscriptionId: SubscriptionId) => void;
  readonly rhythm?: Rhythm;
}

const defaultRhythm: Rhythm = { lookEveryMs: 2_000, overlapMs: 30_000 };

/**
 * Reports subscriptions that other nodes changed. It looks for them regularly, and at once when another node notifies. A
 * notification has no content, is sent after the commit, and may get lost without harm.
 */
export class ChangeFeed {
  readonly #parts: ChangeFeedParts;
  readonly #rhythm: Rhythm;
  readonly #closing = new AbortController();
  readonly #alarm = new Alarm();
  /** The time of the last successful look. The next one finds every change since then. */
  #lookedAt: string | null = null;
  /** The time of the last known change of each subscription, while the change may be found again. */
  readonly #seen = new Map<SubscriptionId, string>();
  #listener: pg.Client | null = null;
  #isNotifying = false;

  constructor(parts: ChangeFeedParts) {
    this.#parts = parts;
    this.#rhythm = parts.rhythm ?? defaultRhythm;
  }

  /** Returns after the first look. */
  async start(): Promise<void> {
    await this.#look();
    void this.#lookRegularly();
    void loop(this.#parts.clock, this.#closing.signal, () => this.#listen());
  }

  /** Records a change that this node made, so that it is not reported. */
  know(subscriptionId: SubscriptionId, changedAt: string): void {
    this.#seen.set(subscriptionId, changedAt);
  }

  /** Notifies the other nodes that this node changed something. Many changes share a notification. */
  notify(): void {
    if (this.#isNotifying) return;
    this.#isNotifying = true;
    void this.#notifySoon();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#alarm.ring();
    await this.#listener?.end().catch(() => {});
  }

  async #notifySoon(): Promise<void> {
    await this.#parts.clock.sleep(notifyEveryMs, this.#closing.signal);
    this.#isNotifying = false;
    if (!this.#closing.signal.aborted) await this.#listener?.query(`notify ${channel}`).catch(() => {});
  }

  async #lookRegularly(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#alarm.sleep(this.#parts.clock, this.#rhythm.lookEveryMs);
      if (!this.#closing.signal.aborted) await this.#look();
    }
  }

  async #look(): Promise<void> {
    try {
      await this.#reportChanges();
    } catch {
      // The database is unreachable. Its callers get errors of their own, and the feed looks again later.
    }
  }

  // The clock of a new primary may be behind that of the former one. `least` ignores null.
  async #reportChanges(): Promise<void> {
    const rows = await this.#parts.database.read((sql) =>
      sql.all<Look>(
        `select cast(now.at as text) as at, id, cast(changed_at as text) as changed_at
         from (select clock_timestamp() as at) as now left join subscription
           on changed_at > least(cast(? as timestamptz), now.at) - cast(? as interval)`,
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
      this.#parts.onChange(id);
    }
  }

  /** Listens until the connection breaks. Returns the time until the next one (ms). */
  async #listen(): Promise<number> {
    const broken = Promise.withResolvers<void>();
    let listener: pg.Client | null = null;
    try {
      listener = await this.#parts.database.client("weft listen");
      listener.on("error", () => broken.resolve());
      listener.on("end", () => broken.resolve());
      listener.on("notification", () => this.#alarm.ring());
      await listener.query(`listen ${channel}`);
      this.#listener = listener;
      // The feed may have been closed meanwhile. An open connection would keep the process alive.
      if (!this.#closing.signal.aborted) await broken.promise;
    } catch {
      // LISTEN does not work behind a pooler. Regular looks are enough.
    }
    this.#listener = null;
    await listener?.end().catch(() => {});
    return reconnectMs;
  }
}
