import { latencyEndsMs, percentileMs } from "./latency.ts";
import { type StatusClass, statusClasses } from "./status-class.ts";

/** Attempts with the same class of status and latency range. */
export interface AlikeAttempts {
  readonly statusClass: StatusClass;
  /** The index of a range in latency.ts. */
  readonly latency: number;
  readonly attempts: number;
}

export interface AttemptStats {
  readonly attempts: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly byStatus: Readonly<Record<StatusClass, number>>;
  /** As precise as `percentileMs`; null without attempts. */
  readonly durationMs: { readonly p50: number; readonly p90: number; readonly p99: number } | null;
}

export function statsOf(counted: readonly AlikeAttempts[]): AttemptStats {
  const byLatency = Array.from({ length: latencyEndsMs.length + 1 }, () => 0);
  let attempts = 0;
  const byStatus = Object.fromEntries(statusClasses.map((name) => [name, 0])) as Record<StatusClass, number>;
  for (const alike of counted) {
    attempts += alike.attempts;
    byStatus[alike.statusClass] += alike.attempts;
    byLatency[alike.latency] = (byLatency[alike.latency] ?? 0) + alike.attempts;
  }
  const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) => percentileMs(byLatency, share));
  return {
    attempts,
    succeeded: byStatus["2xx"],
    failed: attempts - byStatus["2xx"],
    byStatus,
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
