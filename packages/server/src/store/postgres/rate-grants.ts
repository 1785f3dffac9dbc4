import type { SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { type RateBucket, type RateGrant, rateGrant, takeTokens } from "../../domain/rate-limit.ts";
import type { LaneRoom } from "../deliveries/interface.ts";
import type { PostgresSql } from "./postgres-sql.ts";

interface BucketRow extends RateBucket {
  readonly id: SubscriptionId;
}

/**
 * The deliveries that the rate limits of some lanes allow now. It locks their buckets until the commit, so that no
 * other node takes from them.
 */
export class RateGrants {
  readonly #limits: ReadonlyMap<SubscriptionId, number>;
  readonly #grants: ReadonlyMap<SubscriptionId, RateGrant>;
  readonly #now: number;

  private constructor(
    limited: ReadonlyMap<SubscriptionId, number>,
    grants: ReadonlyMap<SubscriptionId, RateGrant>,
    now: number,
  ) {
    this.#limits = limited;
    this.#grants = grants;
    this.#now = now;
  }

  static async hold(sql: PostgresSql, limited: ReadonlyMap<SubscriptionId, number>, now: number): Promise<RateGrants> {
    const grants = new Map<SubscriptionId, RateGrant>();
    if (limited.size === 0) return new RateGrants(limited, grants, now);
    const ids = [...limited.keys()].sort();
    await sql.over(
      `insert into rate_bucket (subscription_id, tokens, filled_at)
       select id, tokens, ? from unnest(cast(? as uuid[]), cast(? as integer[])) as made (id, tokens)
       on conflict do nothing`,
      now,
      ids,
      ids.map((id) => limited.get(id) ?? 0),
    );
    const rows = await sql.over<BucketRow>(
      `select subscription_id as id, tokens, filled_at as "filledAt" from rate_bucket
       where subscription_id = any (cast(? as uuid[])) for update skip locked`,
      ids,
    );
    for (const { id, tokens, filledAt } of rows) {
      grants.set(id, rateGrant({ tokens, filledAt }, limited.get(id) ?? 0, now));
    }
    return new RateGrants(limited, grants, now);
  }

  /** The lane, limited to its grant: nothing while another node has locked its bucket. */
  bounded(lane: LaneRoom): LaneRoom {
    if (!this.#limits.has(lane.subscriptionId)) return lane;
    return { ...lane, limit: Math.min(requested(lane), this.#grants.get(lane.subscriptionId)?.deliveries ?? 0) };
  }

  /** The time when more of this lane may be claimed, if its limit left deliveries behind. */
  nextTokenAt(lane: LaneRoom, claimed: number): number | null {
    if (!this.#limits.has(lane.subscriptionId)) return null;
    const grant = this.#grants.get(lane.subscriptionId);
    if (grant === undefined) return this.#now + limits.rateClaimMs;
    return claimed === grant.deliveries && claimed < requested(lane) ? grant.nextTokenAt(claimed) : null;
  }

  async take(sql: PostgresSql, claimed: (subscriptionId: SubscriptionId) => number): Promise<void> {
    if (this.#grants.size === 0) return;
    const buckets = [...this.#grants].map(([id, { bucket }]) => ({ id, ...takeTokens(bucket, claimed(id)) }));
    await sql.over(
      `update rate_bucket set tokens = taken.tokens, filled_at = taken.filled_at
       from unnest(cast(? as uuid[]), cast(? as double precision[]), cast(? as bigint[])) as taken (id, tokens, filled_at)
       where subscription_id = taken.id`,
      buckets.map(({ id }) => id),
      buckets.map(({ tokens }) => tokens),
      buckets.map(({ filledAt }) => filledAt),
    );
  }
}

function requested({ limit, startingMax = limit }: LaneRoom): number {
  return Math.min(limit, startingMax);
}
