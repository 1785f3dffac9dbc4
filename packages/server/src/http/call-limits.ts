import type { OrganizationId } from "../domain/id.ts";
import { fillBucket, nextTokenAt, paidFor, type RateBucket, takeTokens } from "../domain/rate-limit.ts";

/** What an organization may still call. Source of the headers: draft-ietf-httpapi-ratelimit-headers, in its first form. */
export interface CallAllowance {
  readonly isExceeded: boolean;
  /** Calls a second. */
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until nothing of the limit is used. */
  readonly resetSeconds: number;
  /** Seconds until the next call is allowed. */
  readonly retrySeconds: number;
}

const rememberedMax = 50_000;

/** How often an organization may call this node: so many times a second, and one second's worth at once. */
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
    // Who is forgotten begins with a full bucket again, which he nearly has anyhow.
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
