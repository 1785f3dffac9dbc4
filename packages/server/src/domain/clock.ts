/** Time, as main.ts hands it out. Tests and simulations bring their own. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Resolves after a time, or early when the signal aborts; it never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Calls `turn` until aborted. A turn answers how long to rest (ms); it never overlaps itself. */
export async function loop(clock: Clock, signal: AbortSignal, turn: () => Promise<number>): Promise<void> {
  while (!signal.aborted) {
    const restMs = await turn();
    await clock.sleep(restMs, signal);
  }
}
