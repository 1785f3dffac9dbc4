import { limits } from "./limits.ts";
import { retrySchedule } from "./retry-policy.ts";

/** A source that was not to be had for the moment, in a job that has read it `tries` times by now. */
export interface FailedTry {
  readonly tries: number;
  /** How long the job has waited between its tries so far. */
  readonly waitedMs: number;
  /** When the source says that it will be there again, from now on; null when it does not say. */
  readonly retryAfterMs: number | null;
}

/** Answers the wait before a source is read once more, in milliseconds, or null when the job gives up. */
export type SourceRetryPolicy = (failed: FailedTry) => number | null;

/** Waits as `limits.sourceRetryDelaysMs` says, each a little longer by chance, and `limits.sourceRetryMsMax` in all at most. */
export function sourceRetries(random: () => number): SourceRetryPolicy {
  const schedule = retrySchedule(limits.sourceRetryDelaysMs, random);
  return ({ tries, waitedMs, retryAfterMs }) => {
    const delayMs = schedule({ step: tries - 1, retryAfterMs });
    return delayMs === null || waitedMs + delayMs > limits.sourceRetryMsMax ? null : delayMs;
  };
}
