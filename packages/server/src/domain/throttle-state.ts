// Describes to the owner of a subscription why its deliveries are waiting on a node.

import type { AttemptOutcome } from "./attempt.ts";
import type { Circuit } from "./circuit.ts";
import { type LanePace, nextStartIn } from "./lane.ts";
import { limits } from "./limits.ts";

/** The most severe state comes first, because lists show the most severe state of all nodes. */
export const throttleStateNames = ["circuit_open", "half_open", "slowed_down", "rate_limited"] as const;
export type ThrottleStateName = (typeof throttleStateNames)[number];

/** Times are Unix milliseconds. */
export interface ThrottleState {
  readonly state: ThrottleStateName;
  /** An explanation in one sentence. */
  readonly reason: string;
  readonly since: number;
  /** Null when a request is running, or the next may start within a second. */
  readonly nextTryAt: number | null;
}

/** A lane that was slowed down and has not recovered its initial pace. */
export interface Slowdown {
  readonly since: number;
  /** Why it was last slowed down: a status such as `429`, `timeout` or `proxy`. */
  readonly lastSign: string;
  readonly lastAt: number;
}

/** The slowdown after an outcome that changed a lane's pace from one to the other. */
export function slowdownAfter(
  slowdown: Slowdown | null,
  paces: { readonly before: LanePace; readonly after: LanePace },
  outcome: AttemptOutcome,
  now: number,
): Slowdown | null {
  const { before, after } = paces;
  const isThrottled = boundOf(after) < boundOf(before);
  if (isThrottled || after.concurrency < before.concurrency || after.restUntil > before.restUntil) {
    const lastSign = outcome.kind === "unreachable" ? outcome.reason : String(outcome.status);
    return { since: slowdown?.since ?? now, lastSign, lastAt: now };
  }
  const isFree = after.throttle.perSecond === null && after.restUntil <= now;
  return isFree && after.concurrency >= limits.laneConcurrencyFirst ? null : slowdown;
}

function boundOf({ throttle }: LanePace): number {
  return throttle.perSecond ?? Number.POSITIVE_INFINITY;
}

export interface LaneState {
  readonly circuit: Circuit;
  readonly pace: LanePace;
  readonly slowdown: Slowdown | null;
  /** When the rate limit began to delay due deliveries; null when it does not. */
  readonly rateLimitedSince: number | null;
  /** Whether a delivery is waiting or being sent. */
  readonly isBusy: boolean;
}

/** The reason why a lane sends less or nothing; null without one. */
export function throttleStateOf(lane: LaneState, now: number): ThrottleState | null {
  const { circuit, pace, slowdown } = lane;
  if (circuit.state !== "closed") {
    const { failures, lastFailure, lastFailureAt, since } = circuit;
    const reason = `${failures} requests in a row failed, the last with ${lastFailure} at ${isoTime(lastFailureAt)}.`;
    return circuit.state === "open"
      ? { state: "circuit_open", reason, since, nextTryAt: circuit.retryAt }
      : { state: "half_open", reason: `${reason} One request is trying again.`, since, nextTryAt: null };
  }
  const nextStartAt = Math.ceil(nextStartIn(pace));
  const rests = nextStartAt > now;
  if (slowdown !== null && (rests || lane.isBusy)) {
    const { since } = slowdown;
    return {
      state: "slowed_down",
      reason: slowdownReason(pace, slowdown),
      since,
      nextTryAt: rests ? nextStartAt : null,
    };
  }
  if (lane.rateLimitedSince === null) return null;
  const reason = "More deliveries are due than the subscription's rate limit allows.";
  return { state: "rate_limited", reason, since: lane.rateLimitedSince, nextTryAt: null };
}

function slowdownReason({ throttle }: LanePace, { lastSign, lastAt }: Slowdown): string {
  const sign = `${signOf(lastSign)} at ${isoTime(lastAt)}.`;
  if (throttle.perSecond === null) return sign;
  const rate = throttle.perSecond < 10 ? throttle.perSecond.toFixed(1) : String(Math.round(throttle.perSecond));
  return `${sign} It gets at most ${rate} requests a second from this node for now.`;
}

function signOf(lastSign: string): string {
  if (lastSign === "proxy") return "The outbound proxy of this Weft failed";
  return `The endpoint returned ${lastSign === "timeout" ? "no response in time" : lastSign}`;
}

/** The most severe state that several nodes report for one subscription; of equal ones, the longest. */
export function gravest(throttleStates: readonly ThrottleState[]): ThrottleState | null {
  const [first = null] = throttleStates.toSorted(
    (a, b) => throttleStateNames.indexOf(a.state) - throttleStateNames.indexOf(b.state) || a.since - b.since,
  );
  return first;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
