import type { SimulatedTime } from "./simulated-time.ts";

const linesKept = 100_000;

/** The events in order, in few enough words to read hundreds of them. */
export class Trace {
  readonly #time: SimulatedTime;
  readonly #begun: number;
  readonly #names = new Map<string, string>();
  readonly lines: string[] = [];

  constructor(time: SimulatedTime) {
    this.#time = time;
    this.#begun = time.now;
  }

  /** The name that replaces an id from now on. */
  name(id: string, name: string): void {
    this.#names.set(id, name);
  }

  nameOf(id: string): string {
    return this.#names.get(id) ?? id;
  }

  /** `m3>s1`: a message on its way to a subscription. */
  delivery({ messageId, subscriptionId }: { messageId: string; subscriptionId: string }): string {
    return `${this.nameOf(messageId)}>${this.nameOf(subscriptionId)}`;
  }

  /** Seconds since the simulation began. */
  seconds(at: number): string {
    return ((at - this.#begun) / 1_000).toFixed(3);
  }

  note(who: string, what: string): void {
    if (this.lines.length < linesKept) this.lines.push(`${this.seconds(this.#time.now).padStart(9)}  ${who}  ${what}`);
  }
}
