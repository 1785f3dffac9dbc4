/** Lets a limited number of jobs of each tap run at a time. The others wait in order. */
export class TapTurns {
  readonly #running = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Waits for a turn, which ends when the result is disposed. Throws the signal's reason. */
  async take(name: string, turnsMax: number, signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    const running = this.#running.get(name) ?? 0;
    if (running >= turnsMax) await this.#wait(name, signal);
    else this.#running.set(name, running + 1);
    return { [Symbol.dispose]: () => this.#end(name) };
  }

  #wait(name: string, signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting.get(name) ?? [];
    this.#waiting.set(name, waiting);
    return new Promise((resolve, reject) => {
      const begin = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(begin), 1);
        reject(signal.reason);
      };
      waiting.push(begin);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  /** A turn passes to the job that has waited longest. */
  #end(name: string): void {
    const next = this.#waiting.get(name)?.shift();
    if (next !== undefined) next();
    else this.#running.set(name, (this.#running.get(name) ?? 1) - 1);
  }
}
