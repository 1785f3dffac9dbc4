import type { Clock } from "../../packages/server/src/domain/clock.ts";
import type { SimulatedTime } from "./simulated-time.ts";

/** The process of one node: what it waits for reaches it only while it lives, and after a pause only then. */
export class SimulatedProcess {
  readonly #time: SimulatedTime;
  #isDead = false;
  #isAsleep = false;
  #held: (() => void)[] = [];

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isAsleep(): boolean {
    return this.#isAsleep;
  }

  /** Answers what calls it off. */
  after(ms: number, run: () => void): () => void {
    const timer = this.#time.after(ms, () => this.#deliver(run));
    return () => {
      timer.isCancelled = true;
    };
  }

  /** Everything of it stops at once; its promises never continue. */
  kill(): void {
    this.#isDead = true;
    this.#held = [];
  }

  /** The machine sleeps: time passes, and nothing happens here. */
  sleep(): void {
    this.#isAsleep = true;
  }

  wake(): void {
    if (this.#isDead || !this.#isAsleep) return;
    this.#isAsleep = false;
    for (const run of this.#held.splice(0)) this.after(0, run);
  }

  #deliver(run: () => void): void {
    if (this.#isDead) return;
    if (this.#isAsleep) this.#held.push(run);
    else run();
  }
}

export function processClock(process: SimulatedProcess, time: SimulatedTime): Clock {
  return {
    now: () => time.now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const callOff = process.after(Math.max(1, ms), () => {
          signal.removeEventListener("abort", wake);
          resolve();
        });
        function wake(): void {
          callOff();
          resolve();
        }
        signal.addEventListener("abort", wake, { once: true });
      }),
  };
}
