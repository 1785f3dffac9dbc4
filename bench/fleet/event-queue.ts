interface Event {
  readonly at: number;
  readonly run: () => void;
}

/** Virtual time (ms): scheduled events run in order, without waiting. */
export class EventQueue {
  /** A heap with the next event first. */
  readonly #events: Event[] = [];
  #now = 0;

  get now(): number {
    return this.#now;
  }

  at(at: number, run: () => void): void {
    const events = this.#events;
    const event = { at: Math.max(at, this.#now), run };
    let index = events.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = events[above];
      if (parent === undefined || parent.at <= event.at) break;
      events[index] = parent;
      index = above;
    }
    events[index] = event;
  }

  runUntil(end: number): void {
    for (let next = this.#events[0]; next !== undefined && next.at <= end; next = this.#events[0]) {
      this.#removeFirst();
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }

  #removeFirst(): void {
    const events = this.#events;
    const last = events.pop();
    if (last === undefined || events.length === 0) return;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      const [left, right] = [events[below], events[below + 1]];
      if (left === undefined) break;
      if (right !== undefined && right.at < left.at) below += 1;
      const least = events[below];
      if (least === undefined || least.at >= last.at) break;
      events[index] = least;
      index = below;
    }
    events[index] = last;
  }
}
