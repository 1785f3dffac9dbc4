import { limits } from "../domain/limits.ts";

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

/**
 * Spreads work over turns of the event loop by the bytes that it is about, so that large bodies that arrive together, or many
 * readers of a stream with the same news, do not hold up the loop together. Owners take turns: one with very much work does not
 * keep the others waiting.
 */
export class Turns {
  /** Whoever is first is next. */
  readonly #waiting = new Map<string, Waiting[]>();
  #isScheduled = false;

  /** Resolves when the work may begin; null when it is so little that it may begin at once. */
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
