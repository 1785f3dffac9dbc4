import { limits } from "./limits.ts";

/** Returns the wait before the next attempt in milliseconds, or null if there are no further attempts. */
export type RetryPolicy = (context: { step: number; retryAfterMs: number | null }) => number | null;

/**
 * The first attempt is immediate; a retry follows after each of these, which makes five attempts. Source: the platform's "Retry
 * Schedule".
 */
export const defaultRetryDelaysMs: readonly number[] = [5_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000];

/**
 * A fixed list of delays. Up to `limits.retryJitter` is added to each at random. A receiver's Retry-After extends a delay up to
 * `retryAfterMsMax`, and never shortens it.
 */
export function retrySchedule(
  delaysMs: readonly number[],
  random: () => number,
  retryAfterMsMax: number = limits.retryAfterMsMax,
): RetryPolicy {
  return ({ step, retryAfterMs }) => {
    const delayMs = delaysMs[step];
    if (delayMs === undefined) return null;
    const jittered = Math.round(delayMs * (1 + limits.retryJitter * random()));
    return Math.max(jittered, Math.min(retryAfterMs ?? 0, retryAfterMsMax));
  };
}

/** A test event is sent once, because its sender sees the outcome. */
export const neverRetry: RetryPolicy = () => null;
