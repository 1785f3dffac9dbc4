// Each subscription with a rate limit has a token bucket. A claimed delivery takes a token. The bucket holds the tokens of one
// second, so that any period exceeds the limit by at most one second's worth.

/** The number of tokens at a time (Unix ms). */
export interface RateBucket {
  readonly tokens: number;
  readonly filledAt: number;
}

/**
 * Differences between nodes' clocks and the duration of commits stay below this. A larger difference means that a clock was set
 * back.
 */
const skewMsMax = 60_000;

/** The number of deliveries that may be claimed now, at most `limit` per second. An unused bucket is full. */
export function fillBucket(bucket: RateBucket | null, limit: number, now: number): RateBucket {
  if (bucket === null) return { tokens: limit, filledAt: now };
  const { tokens, filledAt } = bucket;
  if (filledAt > now) return { tokens: Math.min(tokens, limit), filledAt: filledAt - now > skewMsMax ? now : filledAt };
  return { tokens: Math.min(limit, tokens + ((now - filledAt) * limit) / 1_000), filledAt: now };
}

/** Compensates for the rounding errors of added fractions. */
const roundingMax = 1e-6;

/** The number of deliveries that the tokens allow. */
export function paidFor({ tokens }: RateBucket): number {
  return Math.floor(tokens + roundingMax);
}

/** Removes this many tokens, at most as many as there are. */
export function takeTokens({ tokens, filledAt }: RateBucket, count: number): RateBucket {
  return { tokens: Math.max(0, tokens - count), filledAt };
}

/** When a bucket that was refilled now allows the next delivery. */
export function nextTokenAt({ tokens, filledAt }: RateBucket, limit: number): number {
  return filledAt + Math.max(0, Math.ceil(((1 - tokens - roundingMax) * 1_000) / limit));
}

/** The deliveries that a subscription with a rate limit may claim now. */
export interface RateGrant {
  readonly bucket: RateBucket;
  readonly deliveries: number;
  /** When the next delivery may be claimed (Unix ms), after this many. */
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
