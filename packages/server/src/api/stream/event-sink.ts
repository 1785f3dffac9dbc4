import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Clock } from "../../domain/clock.ts";
import { limits } from "../../domain/limits.ts";

/** The way to one reader of a stream. What he has not taken yet waits in memory. */
export class EventSink {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #left = new AbortController();

  constructor(response: ServerResponse, clock: Clock) {
    this.#response = response;
    this.#clock = clock;
    response.once("close", () => this.#left.abort());
    // A reader who is gone is no error of anybody's.
    response.on("error", () => this.#left.abort());
  }

  /** Aborted when the reader has left, or the stream has ended. */
  get left(): AbortSignal {
    return this.#left.signal;
  }

  /**
   * Sends a text. Resolves when little enough waits for the reader; false when he takes too long, or has left, or `given up`
   * was aborted.
   */
  async write(text: string, givenUp: AbortSignal): Promise<boolean> {
    if (this.#left.signal.aborted) return false;
    this.#response.write(text);
    if (this.#response.writableLength <= limits.streamBytesWaitingMax) return true;
    return await this.#drained(givenUp);
  }

  /** Sends a last text, and closes the connection when it has been taken, or was not for long. */
  async end(text: string): Promise<void> {
    if (this.#left.signal.aborted) return;
    this.#response.end(text);
    await this.#clock.sleep(limits.streamFarewellMs, this.#left.signal);
    this.#response.destroy();
  }

  async #drained(givenUp: AbortSignal): Promise<boolean> {
    const stalled = new AbortController();
    const signal = AbortSignal.any([this.#left.signal, givenUp, stalled.signal]);
    const isDrained = once(this.#response, "drain", { signal }).then(
      () => true,
      () => false,
    );
    const over = new AbortController();
    void this.#clock.sleep(limits.streamStalledMs, over.signal).then(() => stalled.abort());
    const result = await isDrained;
    over.abort();
    return result;
  }
}
