/** The clock that main.ts provides. Tests and simulations provide their own. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Resolves after a time, or early when the signal aborts; it never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/**
 * The time until the next look of a loop that looks regularly (ms). The looks of all loops fall on the same times, so that an
 * idle process wakes up once for all of them.
 */
export function untilNextLook(now: number, everyMs: number): number {
  return everyMs - (now % everyMs);
}

/** Calls `turn` until aborted. A turn returns how long to wait before the next one (ms). Turns never overlap. */
export async function loop(clock: Clock, signal: AbortSignal, turn: () => Promise<number>): Promise<void> {
  while (!signal.aborted) {
    const restMs = await turn();
    await clock.sleep(restMs, signal);
  }
}
