export interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/**
 * Time that passes only when no work is left to do. Events of the same millisecond happen in the order of their
 * requests.
 */
export class SimulatedTime {
  #now: number;
  #count = 0;
  #turns = 0;
  /** A heap with the next timer first. */
  readonly #timers: Timer[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  get now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): Timer {
    const timer = { at: this.#now + ms, order: this.#count++, run, isCancelled: false };
    this.#push(timer);
    return timer;
  }

  /** An immediate may be pending, so promises are not the only pending work. */
  expectImmediates(): void {
    this.#turns = 2;
  }

  async runUntil(isDone: () => boolean): Promise<void> {
    await this.#settle();
    while (!isDone()) {
      const timer = this.#pop();
      if (timer === undefined) return;
      if (timer.isCancelled) continue;
      this.#now = timer.at;
      timer.run();
      await this.#settle();
    }
  }

  /** Runs every pending promise and immediate. A turn of the loop is most of a simulation's cost. */
  async #settle(): Promise<void> {
    this.#turns = Math.max(this.#turns, 1);
    while (this.#turns > 0) {
      this.#turns -= 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #push(timer: Timer): void {
    const timers = this.#timers;
    let at = timers.length;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = timers[parentAt];
      if (parent === undefined || isBefore(parent, timer)) break;
      timers[at] = parent;
      at = parentAt;
    }
    timers[at] = timer;
  }

  #pop(): Timer | undefined {
    const timers = this.#timers;
    const first = timers[0];
    const last = timers.pop();
    if (first === undefined || last === undefined || timers.length === 0) return first;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      const [left, right] = [timers[childAt], timers[childAt + 1]];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) childAt += 1;
      const child = timers[childAt];
      if (child === undefined || isBefore(last, child)) break;
      timers[at] = child;
      at = childAt;
    }
    timers[at] = last;
    return first;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
