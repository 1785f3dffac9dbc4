// The throttle of a lane finds the rate that an overloaded receiver accepts. It measures the share of refusals (429, 502, 503,
// 504) in a window of responses. When the share is high, the lane slows down to the rate of the responses that were not
// refusals. If that lowers the share, the receiver sheds load, and the lane stays near its limit. If it does not, the refusals
// have another cause, such as one broken backend of five, and slowing down would only delay deliveries: the lane returns to
// full speed.

import { limits } from "./limits.ts";

export interface Throttle {
  /** The number of requests that may start per second; null without a limit. */
  readonly perSecond: number | null;
  /** No request starts before this time (Unix ms) while there is a limit. */
  readonly nextStartAt: number;
  readonly window: ResponseWindow;
  /** The share of refusals before the lane slowed down, until its effect is known. */
  readonly shareBefore: number | null;
  /** The rate at which the receiver last refused; null when it is unknown. */
  readonly ceiling: number | null;
  /** A share of refusals that does not depend on the rate, and the time until which it is assumed. */
  readonly tolerated: { readonly share: number; readonly until: number };
}

interface ResponseWindow {
  /** Only requests that started after this time count. Earlier ones belong to an earlier rate. */
  readonly since: number;
  readonly lastAt: number;
  readonly taken: number;
  readonly refused: number;
}

export const noThrottle: Throttle = {
  perSecond: null,
  nextStartAt: 0,
  window: { since: 0, lastAt: 0, taken: 0, refused: 0 },
  shareBefore: null,
  ceiling: null,
  tolerated: { share: 0, until: 0 },
};

export interface ThrottledResponse {
  readonly isRefusal: boolean;
  readonly startedAt: number;
}

const responsesMin = 10;
const responsesEnough = 20;
const windowMsMin = 500;
const windowMsUsual = 2_000;
const windowMsMax = 10_000;
/** A window covers several round trips, so that its count is close to the rate. */
const roundTripsMin = 4;

/** Shares of refusals above the tolerated share: below the first the lane may grow, above the second it slows down. */
const shareSmall = 0.03;
const shareLarge = 0.1;
/** A slowdown has helped when it removed at least this part of the refusals. */
const partHelped = 0.4;
const shareOfMost = 0.5;
const toleratedMs = 60_000;

const slowedTo = 0.95;
const growth = 1.05;
/** A receiver that accepts this many times its last refused rate has recovered. */
const ceilingPassed = 1.2;
/** The limit is effective when at least this part of it was used. */
const partUsed = 0.7;
/** Timers are late by some milliseconds. A lane may catch up by this much. */
const catchUpMs = 20;

/** The throttle after a response. Responses to requests that started before the window are not counted. */
export function throttleAfter(throttle: Throttle, response: ThrottledResponse, now: number): Throttle {
  const { window } = throttle;
  if (response.startedAt < window.since) return throttle;
  const isStale = window.taken + window.refused === 0 || now - window.lastAt > windowMsUsual;
  const begun = isStale ? { since: response.startedAt, taken: 0, refused: 0 } : window;
  const counted = {
    since: begun.since,
    lastAt: now,
    taken: begun.taken + (response.isRefusal ? 0 : 1),
    refused: begun.refused + (response.isRefusal ? 1 : 0),
  };
  const roundTripMs = now - response.startedAt;
  if (!isOver(counted, roundTripMs, now)) return { ...throttle, window: counted };
  const next = judged(throttle, ratesOf(counted, roundTripMs, now), now);
  return { ...next, window: { since: now, lastAt: now, taken: 0, refused: 0 } };
}

/** The throttle after a request has started. */
export function throttleAfterStart(throttle: Throttle, now: number): Throttle {
  if (throttle.perSecond === null) return throttle;
  const nextStartAt = Math.max(throttle.nextStartAt, now - catchUpMs) + 1_000 / throttle.perSecond;
  return { ...throttle, nextStartAt };
}

/** When the next request may start (Unix ms); 0 means immediately. */
export function nextStartOf({ perSecond, nextStartAt }: Throttle): number {
  return perSecond === null ? 0 : nextStartAt;
}

function isOver({ since, taken, refused }: ResponseWindow, roundTripMs: number, now: number): boolean {
  const count = taken + refused;
  if (count < responsesMin) return false;
  if (taken === 0) return true;
  const elapsedMs = now - since;
  if (elapsedMs >= windowMsMax) return true;
  const shortestMs = count >= responsesEnough ? windowMsMin : windowMsUsual;
  return elapsedMs >= Math.max(shortestMs, roundTripsMin * roundTripMs);
}

interface Rates {
  readonly share: number;
  readonly sentPerSecond: number;
  readonly takenPerSecond: number;
}

function ratesOf({ since, taken, refused }: ResponseWindow, roundTripMs: number, now: number): Rates {
  // The responses to requests of the last round trip are still to arrive.
  const seconds = Math.max(1, now - since - roundTripMs / 2) / 1_000;
  const count = taken + refused;
  return { share: refused / count, sentPerSecond: count / seconds, takenPerSecond: taken / seconds };
}

function judged(throttle: Throttle, rates: Rates, now: number): Throttle {
  const { shareBefore } = throttle;
  const { share } = rates;
  const hasHelped = shareBefore === null || share < shareBefore * (1 - partHelped);
  if (!hasHelped && share < shareOfMost) {
    const tolerated = { share: Math.max(share, shareBefore), until: now + toleratedMs };
    return { ...throttle, perSecond: null, shareBefore: null, ceiling: null, tolerated };
  }
  const tolerated = now < throttle.tolerated.until ? throttle.tolerated.share : 0;
  if (share > tolerated + shareLarge) return slowed(throttle, rates);
  return grown({ ...throttle, shareBefore: null }, rates, tolerated);
}

function slowed(throttle: Throttle, { share, takenPerSecond }: Rates): Throttle {
  const perSecond = Math.max(limits.throttledPerSecondMin, takenPerSecond * slowedTo);
  return { ...throttle, perSecond, shareBefore: share, ceiling: takenPerSecond === 0 ? null : takenPerSecond };
}

function grown(throttle: Throttle, { share, sentPerSecond }: Rates, tolerated: number): Throttle {
  const { perSecond, ceiling } = throttle;
  if (perSecond === null || share > tolerated + shareSmall) return throttle;
  if (sentPerSecond < perSecond * partUsed) return { ...throttle, perSecond: null, ceiling: null };
  // Far from the rate where the receiver refused, or when that rate is unknown or outdated, the lane grows quickly.
  const known = ceiling !== null && perSecond <= ceiling * ceilingPassed ? ceiling : null;
  const isFar = known === null || perSecond * 2 < known;
  return { ...throttle, perSecond: perSecond * (isFar ? 2 : growth), ceiling: known };
}
