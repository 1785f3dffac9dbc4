const minute = 60_000;
const namesMax = 10_000;

/** Counts events by name, and allows a number of them in each minute from the first one. */
export class MinuteCounts {
  readonly #max: number;
  readonly #now: () => number;
  readonly #counts = new Map<string, { readonly since: number; count: number }>();

  constructor(max: number, now: () => number) {
    this.#max = max;
    this.#now = now;
  }

  /** Counts an event. Returns the time until it is allowed (ms); null when it is allowed now. */
  take(name: string): number | null {
    const waitMs = this.waitMs(name);
    if (waitMs !== null) return waitMs;
    const known = this.#counts.get(name);
    if (known !== undefined && known.since + minute > this.#now()) {
      known.count += 1;
      return null;
    }
    this.#counts.delete(name);
    // The oldest entry is removed: its minute ends first.
    if (this.#counts.size >= namesMax) this.#counts.delete(this.#counts.keys().next().value ?? "");
    this.#counts.set(name, { since: this.#now(), count: 1 });
    return null;
  }

  /** The time until another event of this name is allowed (ms); null when it is allowed now. */
  waitMs(name: string): number | null {
    const known = this.#counts.get(name);
    if (known === undefined || known.count < this.#max) return null;
    const waitMs = known.since + minute - this.#now();
    return waitMs > 0 ? waitMs : null;
  }
}
