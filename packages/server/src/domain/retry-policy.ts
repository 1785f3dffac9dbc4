import { limits } from "./limits.ts";

/** Answers the wait before the next attempt, in milliseconds, or null when there is none. */
export type RetryPolicy = (context: { step: number; retryAfterMs: number | null }) => number | null;

/** At once, then after each of these: five attempts in all. Source: the platform's "Retry Schedule". */
export const defaultRetryDelaysMs: readonly number[] = [5_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000];

/**
 * A schedule that an operator can read aloud. Each delay gets up to `limits.retryJitter` more, drawn at random.
 * A receiver's Retry-After lengthens the wait up to `limits.retryAfterMsMax`; it never shortens it.
 */
export function retrySchedule(delaysMs: readonly number[], random: () => number): RetryPolicy {
  return ({ step, retryAfterMs }) => {
    const delayMs = delaysMs[step];
    if (delayMs === undefined) return null;
    const jittered = Math.round(delayMs * (1 + limits.retryJitter * random()));
    return Math.max(jittered, Math.min(retryAfterMs ?? 0, limits.retryAfterMsMax));
  };
}

/** A test event is sent once: its sender is looking at the outcome. */
export const neverRetry: RetryPolicy = () => null;
