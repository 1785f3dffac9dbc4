import { limits } from "../domain/limits.ts";

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

/**
 * Spreads work over turns of the event loop by its bytes, so that large bodies that arrive together, or many stream readers
 * with the same changes, do not block the loop. Owners take turns, so that one with much work does not delay the others.
 */
export class Turns {
  /** The first in line is next. */
  readonly #waiting = new Map<string, Waiting[]>();
  #isScheduled = false;

  /** Resolves when the work may start; null when it is small enough to start at once. */
  wait(owner: string, bytes: number): Promise<void> | null {
    if (bytes < limits.workAtOnceBytesMax) return null;
    return new Promise((begin) => {
      const own = this.#waiting.get(owner);
      if (own === undefined) this.#waiting.set(owner, [{ bytes, begin }]);
      else own.push({ bytes, begin });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#takeTurn();
      this.#schedule();
    });
  }

  #takeTurn(): void {
    for (let bytes = 0; bytes < limits.workPerTurnBytes; ) {
      const next = this.#next();
      if (next === null) return;
      bytes += next.bytes;
      next.begin();
    }
  }

  #next(): Waiting | null {
    for (const [owner, own] of this.#waiting) {
      const next = own.shift() ?? null;
      this.#waiting.delete(owner);
      if (own.length > 0) this.#waiting.set(owner, own);
      return next;
    }
    return null;
  }
}
