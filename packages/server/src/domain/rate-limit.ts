// A token bucket for each subscription with a rate limit. A delivery that is claimed takes a token; the bucket holds one
// second's worth, so that within any time of so many seconds at most one second's worth more is sent than the limit says.

/** How many tokens there were at a time (Unix ms). */
export interface RateBucket {
  readonly tokens: number;
  readonly filledAt: number;
}

/** Nodes' clocks differ, and commits take their time, by less than this. Later than that means a clock that was set back. */
const skewMsMax = 60_000;

/** What may be claimed now: at most `limit` a second. A bucket that nobody has used yet is full. */
export function fillBucket(bucket: RateBucket | null, limit: number, now: number): RateBucket {
  if (bucket === null) return { tokens: limit, filledAt: now };
  const { tokens, filledAt } = bucket;
  if (filledAt > now) return { tokens: Math.min(tokens, limit), filledAt: filledAt - now > skewMsMax ? now : filledAt };
  return { tokens: Math.min(limit, tokens + ((now - filledAt) * limit) / 1_000), filledAt: now };
}

/** What adding up fractions leaves out of a token is not missed. */
const roundingMax = 1e-6;

/** Deliveries that a bucket pays for. */
export function paidFor({ tokens }: RateBucket): number {
  return Math.floor(tokens + roundingMax);
}

/** Takes so many tokens, of those that are there. */
export function takeTokens({ tokens, filledAt }: RateBucket, count: number): RateBucket {
  return { tokens: Math.max(0, tokens - count), filledAt };
}

/** When a bucket that was filled now pays for the next delivery. */
export function nextTokenAt({ tokens, filledAt }: RateBucket, limit: number): number {
  return filledAt + Math.max(0, Math.ceil(((1 - tokens - roundingMax) * 1_000) / limit));
}

/** What a subscription with a rate limit may be given now. */
export interface RateGrant {
  readonly bucket: RateBucket;
  readonly deliveries: number;
  /** When the next may be claimed (Unix ms), after so many of these. */
  nextTokenAt(taken: number): number;
}

export function rateGrant(stored: RateBucket | null, limit: number, now: number): RateGrant {
  const bucket = fillBucket(stored, limit, now);
  return {
    bucket,
    deliveries: paidFor(bucket),
    nextTokenAt: (taken) => nextTokenAt(takeTokens(bucket, taken), limit),
  };
}
