// A lane limits the requests to one subscription: how many may run concurrently, how many may start per second, and when it
// must pause. An endpoint that does not respond in time uses only a few of the node's connections.

import { assertNever } from "./assert-never.ts";
import type { AttemptOutcome } from "./attempt.ts";
import { limits } from "./limits.ts";
import { nextStartOf, noThrottle, type Throttle, throttleAfter, throttleAfterStart } from "./throttle.ts";

export interface LanePace {
  /** The number of concurrent requests: 1 to `limits.laneConcurrencyMax`. */
  readonly concurrency: number;
  /** No request starts before this time (Unix ms), because the receiver asked for a pause; 0 without one. */
  readonly restUntil: number;
  readonly throttle: Throttle;
}

/** A lane starts small and doubles with every round of successes, so that an endpoint that never responds uses little. */
export const firstPace: LanePace = { concurrency: limits.laneConcurrencyFirst, restUntil: 0, throttle: noThrottle };

/**
 * The number of deliveries that a lane may hold in memory. It grows faster than the pace as requests succeed, and is small
 * while the lane is throttled.
 */
export function laneHeldMax({ concurrency, throttle }: LanePace): number {
  const room = Math.max(concurrency, Math.floor((concurrency * concurrency) / 4));
  return throttle.perSecond === null ? room : Math.min(room, Math.max(1, Math.ceil(throttle.perSecond)));
}

/** The earliest time (Unix ms) for the next request by the pace alone. */
export function nextStartIn({ restUntil, throttle }: LanePace): number {
  return Math.max(restUntil, nextStartOf(throttle));
}

/** The pace after a request starts. */
export function paceAfterStart(pace: LanePace, now: number): LanePace {
  const throttle = throttleAfterStart(pace.throttle, now);
  return throttle === pace.throttle ? pace : { ...pace, throttle };
}

const overloadStatuses: readonly number[] = [429, 502, 503, 504];
const restMsMax = 60_000;

export interface PacedOutcome {
  readonly outcome: AttemptOutcome;
  /** When the request started (Unix ms). */
  readonly startedAt: number;
}

/**
 * The pace after an outcome. A success allows one more concurrent request, a timeout or a failed proxy halves their number, `Retry-After` sets a
 * pause, and refusals count for the throttle.
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
      return ["timeout", "proxy"].includes(outcome.reason) ? { ...pace, concurrency: halved(pace) } : pace;
    default:
      return assertNever(outcome);
  }
}

/**
 * The pace of a lane whose circuit has just closed. It begins with one request at a time, after the pause that the receiver
 * asked for.
 */
export function paceOfReturn(pace: LanePace): LanePace {
  return { ...pace, concurrency: 1 };
}

function halved(pace: LanePace): number {
  return Math.max(1, Math.floor(pace.concurrency / 2));
}
