import { limits } from "./limits.ts";
import { retrySchedule } from "./retry-policy.ts";

/** A temporary failure of a source, in a job that has read it `tries` times so far. */
export interface FailedTry {
  readonly tries: number;
  /** How long the job has waited between its tries so far. */
  readonly waitedMs: number;
  /** When the source expects to be available again (ms from now); null when it does not say. */
  readonly retryAfterMs: number | null;
}

/** Returns the wait before a source is read again in milliseconds, or null when the job gives up. */
export type SourceRetryPolicy = (failed: FailedTry) => number | null;

/** Waits as `limits.sourceRetryDelaysMs` says, each with a little jitter, for at most `limits.sourceRetryMsMax` in total. */
export function sourceRetries(random: () => number): SourceRetryPolicy {
  const schedule = retrySchedule(limits.sourceRetryDelaysMs, random);
  return ({ tries, waitedMs, retryAfterMs }) => {
    const delayMs = schedule({ step: tries - 1, retryAfterMs });
    return delayMs === null || waitedMs + delayMs > limits.sourceRetryMsMax ? null : delayMs;
  };
}
