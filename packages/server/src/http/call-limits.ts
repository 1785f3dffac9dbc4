import type { OrganizationId } from "../domain/id.ts";
import { fillBucket, nextTokenAt, paidFor, type RateBucket, takeTokens } from "../domain/rate-limit.ts";

/** An organization's remaining calls. Source of the headers: the first form of draft-ietf-httpapi-ratelimit-headers. */
export interface CallAllowance {
  readonly isExceeded: boolean;
  /** The limit in calls per second. */
  readonly limit: number;
  readonly remaining: number;
  /** The seconds until the limit is completely unused. */
  readonly resetSeconds: number;
  /** The seconds until the next call is allowed. */
  readonly retrySeconds: number;
}

const rememberedMax = 50_000;

/** Limits an organization's calls to this node: a rate per second, with a burst of one second's worth. */
export class CallLimits {
  readonly #perSecond: number | null;
  readonly #now: () => number;
  readonly #buckets = new Map<OrganizationId, RateBucket>();

  constructor(perSecond: number | null, now: () => number) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Counts a call. Null when there is no limit. */
  take(organizationId: OrganizationId): CallAllowance | null {
    const limit = this.#perSecond;
    if (limit === null) return null;
    const now = this.#now();
    const before = fillBucket(this.#buckets.get(organizationId) ?? null, limit, now);
    const isExceeded = paidFor(before) < 1;
    const bucket = isExceeded ? before : takeTokens(before, 1);
    // An evicted organization starts again with a full bucket, which is close to the bucket it had.
    if (this.#buckets.size >= rememberedMax) this.#buckets.clear();
    this.#buckets.set(organizationId, bucket);
    return {
      isExceeded,
      limit,
      remaining: paidFor(bucket),
      resetSeconds: Math.ceil((limit - bucket.tokens) / limit),
      retrySeconds: Math.max(1, Math.ceil((nextTokenAt(bucket, limit) - now) / 1_000)),
    };
  }
}
