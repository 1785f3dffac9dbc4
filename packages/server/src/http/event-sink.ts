import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Clock } from "../domain/clock.ts";
import { ApiError } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import type { Holding } from "./bytes-under-way.ts";

/** The connection to one reader of a stream. Events that the reader has not received yet wait in memory, and are counted. */
export class EventSink {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #holding: Pick<Holding, "add" | "remove">;
  readonly #left = new AbortController();
  #counted = 0;
  #kept = 0;
  #isWaiting = false;

  constructor(response: ServerResponse, clock: Clock, holding: Pick<Holding, "add" | "remove">) {
    this.#response = response;
    this.#clock = clock;
    this.#holding = holding;
    response.once("close", () => this.#left.abort());
    // A disconnected reader is not an error.
    response.on("error", () => this.#left.abort());
  }

  /** Aborted when the reader has disconnected, or the stream has ended. */
  get left(): AbortSignal {
    return this.#left.signal;
  }

  /** The bytes that the stream keeps for its reader in addition to sent text, such as the next events. */
  keeps(bytes: number): void {
    this.#kept = bytes;
  }

  /**
   * Sends a text. Resolves when few enough bytes wait for the reader; false when the reader is too slow or has disconnected,
   * when more bytes wait for the organization's readers than allowed, or when `givenUp` was aborted.
   */
  async write(text: string, givenUp: AbortSignal): Promise<boolean> {
    if (this.#left.signal.aborted) return false;
    this.#response.write(text, () => void this.#count());
    if (!this.#count()) return false;
    if (this.#response.writableLength <= limits.streamBytesWaitingMax) return true;
    this.#isWaiting = true;
    try {
      return this.#count() && (await this.#drained(givenUp));
    } finally {
      this.#isWaiting = false;
      this.#count();
    }
  }

  /** Sends a last text, and closes the connection when the reader has received it or was too slow. */
  async end(text: string): Promise<void> {
    if (this.#left.signal.aborted) return;
    this.#response.end(text);
    await this.#clock.sleep(limits.streamFarewellMs, this.#left.signal);
    this.#response.destroy();
  }

  /**
   * Counts the bytes that wait now, and those that are kept while the stream waits for its reader. False when they exceed the
   * limit: they stay uncounted, and the stream ends.
   */
  #count(): boolean {
    const waiting = this.#left.signal.aborted ? 0 : this.#response.writableLength + (this.#isWaiting ? this.#kept : 0);
    const more = waiting - this.#counted;
    try {
      if (more > 0) this.#holding.add(more);
      else this.#holding.remove(-more);
    } catch (error) {
      if (error instanceof ApiError) return false;
      throw error;
    }
    this.#counted = waiting;
    return true;
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
