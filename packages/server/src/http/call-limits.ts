import type { OrganizationId } from "../domain/id.ts";
import { fillBucket, nextTokenAt, paidFor, type RateBucket, takeTokens } from "../domain/rate-limit.ts";

/** An organization's remaining calls, as the headers show them that Airweave's clients read. */
export interface CallAllowance {
  readonly isExceeded: boolean;
  /** The limit in calls per second. */
  readonly limit: number;
  readonly remaining: number;
  /** When the limit is completely unused, in Unix seconds. */
  readonly resetAtSeconds: number;
  /** The seconds until the next call is allowed. */
  readonly retrySeconds: number;
}

const rememberedMax = 50_000;
/** This number means that no limit applies. */
const unlimitedCalls = 9_999;

/** Limits an organization's calls to this node: a rate per second, with a burst of one second's worth. */
export class CallLimits {
  readonly #perSecond: number | null;
  readonly #now: () => number;
  readonly #buckets = new Map<OrganizationId, RateBucket>();

  constructor(perSecond: number | null, now: () => number) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Counts a call. */
  take(organizationId: OrganizationId): CallAllowance {
    const limit = this.#perSecond;
    const now = this.#now();
    if (limit === null) {
      const resetAtSeconds = Math.ceil(now / 1_000);
      return { isExceeded: false, limit: unlimitedCalls, remaining: unlimitedCalls, resetAtSeconds, retrySeconds: 1 };
    }
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
      resetAtSeconds: Math.ceil(now / 1_000 + (limit - bucket.tokens) / limit),
      retrySeconds: Math.max(1, Math.ceil((nextTokenAt(bucket, limit) - now) / 1_000)),
    };
  }
}
