// A lane is the way to one subscription: how many requests may be under way to it, how many may start in a second, and
// whether it must rest. An endpoint that does not answer in time holds few of the node's connections.

import { assertNever } from "./assert-never.ts";
import type { AttemptOutcome } from "./attempt.ts";
import { limits } from "./limits.ts";
import { nextStartOf, noThrottle, type Throttle, throttleAfter, throttleAfterStart } from "./throttle.ts";

export interface LanePace {
  /** Requests that may be under way at once: 1 to `limits.laneConcurrencyMax`. */
  readonly concurrency: number;
  /** No request starts before this (Unix ms), because the receiver asked for it; 0 when the lane need not rest. */
  readonly restUntil: number;
  readonly throttle: Throttle;
}

/** A lane starts small and doubles with every round of successes: an endpoint that never answers holds little. */
export const firstPace: LanePace = { concurrency: limits.laneConcurrencyFirst, restUntil: 0, throttle: noThrottle };

/**
 * Deliveries that a lane may hold in memory. It grows faster than the pace, since a lane earns its room by its successes,
 * and is small while the lane is throttled.
 */
export function laneHeldMax({ concurrency, throttle }: LanePace): number {
  const room = Math.max(concurrency, Math.floor((concurrency * concurrency) / 4));
  return throttle.perSecond === null ? room : Math.min(room, Math.max(1, Math.ceil(throttle.perSecond)));
}

/** When the next request may start (Unix ms), as far as the pace is concerned. */
export function nextStartIn({ restUntil, throttle }: LanePace): number {
  return Math.max(restUntil, nextStartOf(throttle));
}

/** The pace after a request has started. */
export function paceAfterStart(pace: LanePace, now: number): LanePace {
  const throttle = throttleAfterStart(pace.throttle, now);
  return throttle === pace.throttle ? pace : { ...pace, throttle };
}

const overloadStatuses: readonly number[] = [429, 502, 503, 504];
const restMsMax = 60_000;

export interface PacedOutcome {
  readonly outcome: AttemptOutcome;
  /** When its request started (Unix ms). */
  readonly startedAt: number;
}

/**
 * The pace after an outcome: a success allows one more request at once, a timeout halves them, `Retry-After` is a rest,
 * and refusals count for the throttle.
 */
export function paceAfter(pace: LanePace, { outcome, startedAt }: PacedOutcome, now: number): LanePace {
  switch (outcome.kind) {
    case "accepted": {
      const concurrency = Math.min(limits.laneConcurrencyMax, pace.concurrency + 1);
      return { ...pace, concurrency, throttle: throttleAfter(pace.throttle, { isRefusal: false, startedAt }, now) };
    }
    case "rejected": {
      const isRefusal = overloadStatuses.includes(outcome.status);
      const throttle = throttleAfter(pace.throttle, { isRefusal, startedAt }, now);
      if (!isRefusal || outcome.retryAfterMs === null) return { ...pace, throttle };
      return {
        ...pace,
        throttle,
        restUntil: Math.max(pace.restUntil, now + Math.min(outcome.retryAfterMs, restMsMax)),
      };
    }
    case "unreachable":
      return outcome.reason === "timeout" ? { ...pace, concurrency: halved(pace) } : pace;
    default:
      return assertNever(outcome);
  }
}

/** The pace of a lane whose circuit has just closed: one request at a time at first, after the rest that was asked for. */
export function paceOfReturn(pace: LanePace): LanePace {
  return { ...pace, concurrency: 1 };
}

function halved(pace: LanePace): number {
  return Math.max(1, Math.floor(pace.concurrency / 2));
}
