import { type Clock, loop, untilNextLook } from "../domain/clock.ts";
import type { OrganizationId } from "../domain/id.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";

type FanOutSource = Pick<Store, "fanOutWaits" | "advanceFanOut" | "onFanOutWaiting">;

/** How often a node looks for fan-outs that another node left unfinished. */
const lookEveryMs = 1_000;
/** The wait while another node advances them. */
const pauseMs = 50;

/** Creates the deliveries of large fan-outs in bounded steps, with a commit for each, until none is waiting. */
export class FanOutSteps {
  readonly #store: FanOutSource;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #after: OrganizationId | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(store: FanOutSource, clock: Clock, reporter: Reporter) {
    this.#store = store;
    this.#clock = clock;
    this.#reporter = reporter;
    store.onFanOutWaiting(() => this.#wake.abort());
  }

  start(): void {
    this.#running = loop(this.#clock, this.#stop.signal, () => this.#turn());
  }

  /** Resolves when the running commit has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    await this.#running;
  }

  async #turn(): Promise<number> {
    // It is created before the query, so that a commit during the query ends the wait after it.
    this.#wake = new AbortController();
    try {
      if (await this.#store.fanOutWaits({})) {
        const { last, advanced, completed } = await this.#store.advanceFanOut({ after: this.#after });
        if (completed.length > 0) this.#reporter.fannedOut({ messages: completed, at: this.#clock.now() });
        this.#after = last;
        return advanced > 0 || last !== null ? 0 : pauseMs;
      }
    } catch (error) {
      this.#reporter.internalOperationFailed({ operation: "fan out messages", error });
    }
    if (!this.#stop.signal.aborted) {
      await this.#clock.sleep(untilNextLook(this.#clock.now(), lookEveryMs), this.#wake.signal);
    }
    return 0;
  }
}
