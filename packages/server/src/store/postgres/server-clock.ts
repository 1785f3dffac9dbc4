import type { Clock } from "../../domain/clock.ts";
import type { PostgresDatabase } from "./database.ts";

const measureEveryMs = 30_000;
const samples = 3;

/**
 * The time of the database, on this node: its own clock and how far that is off. Nodes compare leases and due times with
 * each other, so the clocks of their machines must not matter.
 */
export class ServerClock implements Clock {
  readonly #database: PostgresDatabase;
  readonly #machine: Clock;
  #offsetMs = 0;
  #timer: NodeJS.Timeout | null = null;

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
    this.#timer = setInterval(() => void this.#measure().catch(() => {}), measureEveryMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  // The fastest response of a few is the most accurate, because it was under way for the shortest time.
  async #measure(): Promise<void> {
    let best: { readonly tookMs: number; readonly offsetMs: number } | null = null;
    for (let i = 0; i < samples; i++) {
      const askedAt = this.#machine.now();
      const row = await this.#database.read((sql) =>
        sql.get<{ ms: number }>("select cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as ms"),
      );
      const tookMs = this.#machine.now() - askedAt;
      const offsetMs = (row?.ms ?? askedAt) - (askedAt + tookMs / 2);
      if (best === null || tookMs < best.tookMs) best = { tookMs, offsetMs };
    }
    if (best !== null) this.#offsetMs = best.offsetMs;
  }
}
