import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Clock } from "../domain/clock.ts";
import { ApiError } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import type { Holding } from "./bytes-under-way.ts";

/** The connection to one reader of a stream. Events that the reader has not taken yet wait in memory, and are counted. */
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
    // A reader who is gone is no error of anybody's.
    response.on("error", () => this.#left.abort());
  }

  /** Aborted when the reader has left, or the stream has ended. */
  get left(): AbortSignal {
    return this.#left.signal;
  }

  /** How many bytes the stream keeps for its reader besides what is sent, such as events that come next. */
  keeps(bytes: number): void {
    this.#kept = bytes;
  }

  /**
   * Sends a text. Resolves when little enough waits for the reader; false when the reader takes too long or has left, when more
   * waits for all readers of the organization than may, or when `givenUp` was aborted.
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

  /** Sends a last text, and closes the connection when it has been taken, or was not for long. */
  async end(text: string): Promise<void> {
    if (this.#left.signal.aborted) return;
    this.#response.end(text);
    await this.#clock.sleep(limits.streamFarewellMs, this.#left.signal);
    this.#response.destroy();
  }

  /**
   * Counts the bytes that wait now, and what is kept while the stream waits for its reader. False when they are too many: they
   * stay uncounted, and the stream ends.
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
