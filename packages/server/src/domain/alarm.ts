import type { Clock } from "./clock.ts";

/** Wakes a sleeper. A ring while no one sleeps is not lost: the next sleep ends at once. */
export class Alarm {
  #isRung = false;
  #sleep: AbortController | null = null;

  ring(): void {
    this.#isRung = true;
    this.#sleep?.abort();
  }

  async sleep(clock: Clock, ms: number): Promise<void> {
    if (!this.#isRung) {
      this.#sleep = new AbortController();
      await clock.sleep(ms, this.#sleep.signal);
      this.#sleep = null;
    }
    this.#isRung = false;
  }
}
