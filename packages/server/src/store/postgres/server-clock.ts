import type { Clock } from "../../domain/clock.ts";
import type { PostgresDatabase } from "./database.ts";

const measureEveryMs = 30_000;
const samples = 3;

/**
 * The time of the database on this node: the clock of the machine, corrected by its measured offset. Nodes compare leases and due
 * times with each other, so the clocks of their machines must not matter.
 */
export class ServerClock implements Clock {
  readonly #database: PostgresDatabase;
  readonly #machine: Clock;
  readonly #stopping = new AbortController();
  #offsetMs = 0;

  constructor(database: PostgresDatabase, machine: Clock) {
    this.#database = database;
    this.#machine = machine;
  }

  /** Unix milliseconds. */
  now(): number {
    return Math.floor(this.#machine.now() + this.#offsetMs);
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#machine.sleep(ms, signal);
  }

  async start(): Promise<void> {
    await this.#measure();
    this.#database.onNewPrimary(() => void this.#measure().catch(() => {}));
    void this.#measureRegularly(this.#stopping.signal);
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** While the database is unreachable, the last offset stays. */
  async #measureRegularly(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#machine.sleep(measureEveryMs, signal);
      if (signal.aborted) return;
      await this.#measure().catch(() => {});
    }
  }

  // The fastest response of a few is the most accurate, because it was under way for the shortest time.
  async #measure(): Promise<void> {
    let best: { readonly tookMs: number; readonly offsetMs: number } | null = null;
    for (let i = 0; i < samples; i++) {
      const requestedAt = this.#machine.now();
      const row = await this.#database.read((sql) =>
        sql.get<{ ms: number }>("select cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as ms"),
      );
      const tookMs = this.#machine.now() - requestedAt;
      const offsetMs = (row?.ms ?? requestedAt) - (requestedAt + tookMs / 2);
      if (best === null || tookMs < best.tookMs) best = { tookMs, offsetMs };
    }
    if (best !== null) this.#offsetMs = best.offsetMs;
  }
}
