// A lane is the way to one subscription: how many requests may be under way to it, and whether it must rest.
// It shrinks fast and grows slowly, so that an endpoint in trouble holds few of the node's connections.

import { assertNever } from "./assert-never.ts";
import type { AttemptOutcome } from "./attempt.ts";
import { limits } from "./limits.ts";

export interface LanePace {
  /** Requests that may be under way at once: 1 to `limits.laneConcurrencyMax`. */
  readonly concurrency: number;
  /** No request starts before this (Unix ms); 0 when the lane need not rest. */
  readonly restUntil: number;
}

/** A lane starts small and doubles with every round of successes: an endpoint that never answers holds little. */
export const firstPace: LanePace = { concurrency: limits.laneConcurrencyFirst, restUntil: 0 };

/** Deliveries that a lane may hold in memory. It grows faster than the pace: a lane earns its room by getting things done. */
export function laneHeldMax(pace: LanePace): number {
  return Math.max(pace.concurrency, Math.floor((pace.concurrency * pace.concurrency) / 4));
}

const overloadStatuses: readonly number[] = [429, 502, 503, 504];
const restMs = 1_000;
const restMsMax = 60_000;

/** The pace after an outcome: halved and rested by a receiver that is overloaded, halved by silence, one more after a success. */
export function paceAfter(pace: LanePace, outcome: AttemptOutcome, now: number): LanePace {
  switch (outcome.kind) {
    case "accepted":
      return pace.concurrency >= limits.laneConcurrencyMax ? pace : { ...pace, concurrency: pace.concurrency + 1 };
    case "rejected": {
      if (!overloadStatuses.includes(outcome.status)) return pace;
      const waitMs = Math.min(Math.max(outcome.retryAfterMs ?? 0, restMs), restMsMax);
      return { concurrency: halved(pace), restUntil: Math.max(pace.restUntil, now + waitMs) };
    }
    case "unreachable":
      return outcome.reason === "timeout" ? { ...pace, concurrency: halved(pace) } : pace;
    default:
      return assertNever(outcome);
  }
}

/** The pace of a lane whose circuit has just closed: one request at a time at first, after whatever rest was asked for. */
export function paceOfReturn(pace: LanePace): LanePace {
  return { ...pace, concurrency: 1 };
}

function halved(pace: LanePace): number {
  return Math.max(1, Math.floor(pace.concurrency / 2));
}
