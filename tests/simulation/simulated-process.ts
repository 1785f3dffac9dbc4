import type { Clock } from "../../packages/server/src/domain/clock.ts";
import type { SimulatedTime } from "./simulated-time.ts";

/** The process of one node: results reach it only while it is alive, and after a pause only when the pause is over. */
export class SimulatedProcess {
  readonly #time: SimulatedTime;
  #isDead = false;
  #isAsleep = false;
  #resources: (() => void)[] = [];

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isAsleep(): boolean {
    return this.#isAsleep;
  }

  /** Returns a function that cancels it. */
  after(ms: number, run: () => void): () => void {
    const timer = this.#time.after(ms, () => this.#deliver(run));
    return () => {
      timer.isCancelled = true;
    };
  }

  /** All of it stops immediately; its promises never continue. */
  kill(): void {
    this.#isDead = true;
    this.#resources = [];
  }

  /** The machine sleeps: time passes, and nothing happens here. */
  sleep(): void {
    this.#isAsleep = true;
  }

  wake(): void {
    if (this.#isDead || !this.#isAsleep) return;
    this.#isAsleep = false;
    for (const run of this.#resources.splice(0)) this.after(0, run);
  }

  #deliver(run: () => void): void {
    if (this.#isDead) return;
    if (this.#isAsleep) this.#resources.push(run);
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
