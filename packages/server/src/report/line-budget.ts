export interface LineLimits {
  readonly windowMs: number;
  /** Lines of one cause in a window. */
  readonly perCauseMax: number;
  /** Lines of all causes together in a window. */
  readonly totalMax: number;
}

/** Limits the log lines of one kind, regardless of their cause and rate. Metrics include the events of dropped lines. */
export class LineBudget {
  readonly #limits: LineLimits;
  readonly #now: () => number;
  #windowEndsAt = Number.NEGATIVE_INFINITY;
  #total = 0;
  #leftOut = 0;
  readonly #byCause = new Map<string, number>();

  constructor(limits: LineLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Null when the line must be dropped. Otherwise the number of lines that were dropped since the last one. */
  take(cause: string): { readonly leftOut: number } | null {
    const { windowMs, perCauseMax, totalMax } = this.#limits;
    const now = this.#now();
    if (now >= this.#windowEndsAt) {
      this.#windowEndsAt = now + windowMs;
      this.#total = 0;
      this.#byCause.clear();
    }
    const ofCause = this.#byCause.get(cause) ?? 0;
    if (ofCause >= perCauseMax || this.#total >= totalMax) {
      this.#leftOut += 1;
      return null;
    }
    this.#byCause.set(cause, ofCause + 1);
    this.#total += 1;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return { leftOut };
  }
}
