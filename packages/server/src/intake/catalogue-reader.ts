import { type Clock, loop, untilNextLook } from "../domain/clock.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";
import type { Catalogue } from "./catalogue.ts";

type EventTypeReads = Pick<Store, "readEventTypesState" | "readEventTypes">;

/** Other nodes learn about a change after this time at most. */
const lookEveryMs = 5_000;
/** An older change is certainly part of the last read, also where clocks differ. */
const settledAfterMs = 60_000;

/** Reads the event types that operators defined in addition to Weft's own into the catalogue. */
export class CatalogueReader {
  readonly #store: EventTypeReads;
  readonly #catalogue: Catalogue;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  /** The state that the catalogue was read at; null when it must be read again. */
  #settledState: string | null = null;

  constructor(parts: {
    store: EventTypeReads;
    catalogue: Catalogue;
    clock: Clock;
    reporter: Reporter;
  }) {
    this.#store = parts.store;
    this.#catalogue = parts.catalogue;
    this.#clock = parts.clock;
    this.#reporter = parts.reporter;
  }

  /** Reads the definitions, and repeats that periodically. Throws when the first read fails. */
  async start(): Promise<void> {
    await this.refresh();
    this.#running = this.#lookAgain(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Reads the definitions if they may have changed, because schemas may be large. */
  async refresh(): Promise<void> {
    const { state, changedAt } = await this.#store.readEventTypesState({});
    if (state === this.#settledState) return;
    this.#catalogue.define(await this.#store.readEventTypes({}));
    // A change by another node within the same millisecond would look the same.
    const isSettled = changedAt === null || this.#clock.now() - changedAt > settledAfterMs;
    this.#settledState = isSettled ? state : null;
  }

  async #lookAgain(signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(lookEveryMs, signal);
    await loop(this.#clock, signal, async () => {
      await this.refresh().catch((error) =>
        this.#reporter.internalOperationFailed({ operation: "read event types", error }),
      );
      return untilNextLook(this.#clock.now(), lookEveryMs);
    });
  }
}
