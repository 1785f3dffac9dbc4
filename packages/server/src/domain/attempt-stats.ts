import { latencyEndsMs, percentileMs } from "./latency.ts";

/** Attempts with the same outcome and latency range. */
export interface AlikeAttempts {
  readonly succeeded: boolean;
  /** The index of a range in latency.ts. */
  readonly latency: number;
  readonly attempts: number;
}

export interface AttemptStats {
  readonly attempts: number;
  readonly succeeded: number;
  readonly failed: number;
  /** As precise as `percentileMs`; null without attempts. */
  readonly durationMs: { readonly p50: number; readonly p90: number; readonly p99: number } | null;
}

export function statsOf(counted: readonly AlikeAttempts[]): AttemptStats {
  const byLatency = Array.from({ length: latencyEndsMs.length + 1 }, () => 0);
  let attempts = 0;
  let succeeded = 0;
  for (const alike of counted) {
    attempts += alike.attempts;
    if (alike.succeeded) succeeded += alike.attempts;
    byLatency[alike.latency] = (byLatency[alike.latency] ?? 0) + alike.attempts;
  }
  const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) => percentileMs(byLatency, share));
  return {
    attempts,
    succeeded,
    failed: attempts - succeeded,
    durationMs: p50 == null || p90 == null || p99 == null ? null : { p50, p90, p99 },
  };
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minute),
  ...[1, 2, 3, 6, 12].map((hours) => hours * hour),
  ...[1, 2, 7, 14, 30].map((days) => days * day),
];
const stepsMeant = 60;

/** A step (ms) that divides a window into at most about sixty parts. */
export function stepFor(windowMs: number): number {
  return steps.find((step) => windowMs <= step * stepsMeant) ?? Math.ceil(windowMs / stepsMeant / day) * day;
}
