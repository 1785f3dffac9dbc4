import { type Clock, loop, untilNextLook } from "../domain/clock.ts";
import { limits } from "../domain/limits.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";

const lookEveryMs = 50;
/** Where the outbox is watched, a look is only needed for writes that the system did not report. */
const lookAtWatchedEveryMs = 1_000;
/** While events keep arriving, the next one is likely soon. */
const lookSoonMs = 10;
const soonForMs = 1_000;
const retryMs = 1_000;

type OutboxOf = Pick<Store, "outboxWaits" | "takeOutbox" | "watchOutbox">;

/** Accepts events that applications publish inside their own transactions, a bounded number per commit. */
export class OutboxDrain {
  readonly #store: OutboxOf;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #stop = new AbortController();
  #foundAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> = Promise.resolve();

  constructor(store: OutboxOf, clock: Clock, reporter: Reporter) {
    this.#store = store;
    this.#clock = clock;
    this.#reporter = reporter;
  }

  start(): void {
    this.#running = loop(this.#clock, this.#stop.signal, () => this.#turn());
  }

  /** Resolves when the running commit, if there is one, has returned. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Returns how long to wait (ms). */
  async #turn(): Promise<number> {
    try {
      // It begins before the look, so that a write after the look ends the wait.
      const wake = new AbortController();
      using watched = this.#store.watchOutbox(() => wake.abort());
      while (!this.#stop.signal.aborted && (await this.#store.outboxWaits({}))) {
        const count = await this.#store.takeOutbox({ limit: limits.outboxTakenMax });
        // Another node is accepting the waiting events.
        if (count === 0) break;
        this.#reporter.messagesAccepted({ count });
        this.#foundAt = this.#clock.now();
      }
      const now = this.#clock.now();
      if (now - this.#foundAt < soonForMs) return lookSoonMs;
      if (watched === null) return lookEveryMs;
      const woken = AbortSignal.any([wake.signal, this.#stop.signal]);
      await this.#clock.sleep(untilNextLook(now, lookAtWatchedEveryMs), woken);
      // Every commit of this process wakes it, too.
      return wake.signal.aborted ? lookEveryMs : 0;
    } catch (error) {
      this.#reporter.internalOperationFailed({ operation: "accept events from the outbox", error });
      return retryMs;
    }
  }
}
