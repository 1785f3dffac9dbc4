import { ApiError } from "../../domain/errors.ts";
import { type AttemptId, firstIdAt, type SubscriptionId, timeOfId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Store } from "../../store/store.ts";
import type { SubscriptionKey } from "../../store/subscriptions/interface.ts";

/** Consecutive attempts that were counted once. Both ends are ids of attempts, or the beginning of a window. */
interface Stretch {
  /** Exclusive. */
  readonly after: AttemptId;
  /** Inclusive. */
  readonly last: AttemptId;
  readonly made: number;
  readonly failed: number;
}

export interface CountSizes {
  /** The attempts that one query counts. */
  readonly attemptsCountedAtOnce: number;
  /** The attempts that one response counts without the cache. */
  readonly attemptsCountedMax: number;
  readonly stretchesRememberedMax: number;
}

/**
 * Counts the attempts of an endpoint in a time window, exactly, and without a write per attempt.
 *
 * A count reads an index in small queries, so that it delays no other work. The attempts of a time that is more than an hour
 * ago are final: each full range of them is counted once in the life of the process and cached. An endpoint with few
 * attempts therefore costs one query. One with very many costs, from the second count on, only its newest hour and the two
 * ends of the window. A first count of more than `limits.attemptsCountedMax` is rejected, but its ranges are cached, so that
 * a retry continues from there.
 */
export class EndpointAttemptCounts {
  readonly #store: Pick<Store, "countAttempts">;
  readonly #now: () => number;
  readonly #sizes: CountSizes;
  /** In the order of their ids. The subscription that was used last is at the end. */
  readonly #known = new Map<SubscriptionId, readonly Stretch[]>();
  #remembered = 0;

  constructor(store: Pick<Store, "countAttempts">, now: () => number, sizes: CountSizes = limits) {
    this.#store = store;
    this.#now = now;
    this.#sizes = sizes;
  }

  /**
   * The attempts made in [since, until), and how many of them failed. Throws a 503 when there are too many to count at once.
   */
  async count(
    key: SubscriptionKey,
    { since, until }: { since: number; until: number },
  ): Promise<{ made: number; failed: number }> {
    const { attemptsCountedAtOnce: limit, attemptsCountedMax } = this.#sizes;
    const end = firstIdAt<"attempt">(until);
    const total = { made: 0, failed: 0 };
    const add = ({ made, failed }: { made: number; failed: number }) => {
      total.made += made;
      total.failed += failed;
    };
    const known = this.#knownOf(key.subscriptionId);
    let after = firstIdAt<"attempt">(since);
    let at = 0;
    for (let counted = 0; counted < attemptsCountedMax; ) {
      let next = known[at];
      while (next !== undefined && next.after < after) next = known[++at];
      if (next !== undefined && next.last >= end) next = undefined;
      if (next?.after === after) {
        add(next);
        after = next.last;
        continue;
      }
      const upTo = next?.after ?? end;
      const found = await this.#store.countAttempts({ ...key, after, upTo, limit });
      const { made, failed, last } = found;
      add(found);
      counted += made;
      if (last !== null && made === limit) {
        this.#remember(key.subscriptionId, { after, last, made, failed });
        after = last;
      } else if (next === undefined) {
        return total;
      } else {
        after = upTo;
      }
    }
    throw new ApiError(
      "unavailable",
      "So many attempts are counted step by step. Ask again: what has been counted is remembered. Or ask for a shorter time.",
    );
  }

  #knownOf(subscriptionId: SubscriptionId): readonly Stretch[] {
    const known = this.#known.get(subscriptionId) ?? [];
    this.#known.delete(subscriptionId);
    if (known.length > 0) this.#known.set(subscriptionId, known);
    return known;
  }

  // Two concurrent counts may produce overlapping ranges. The first one is kept.
  #remember(subscriptionId: SubscriptionId, stretch: Stretch): void {
    if (timeOfId(stretch.last) >= this.#now() - limits.attemptsSettledMs) return;
    const known = this.#knownOf(subscriptionId);
    if (known.some(({ after, last }) => after < stretch.last && last > stretch.after)) return;
    const place = known.findIndex(({ after }) => after >= stretch.last);
    this.#known.set(subscriptionId, known.toSpliced(place === -1 ? known.length : place, 0, stretch));
    this.#remembered += 1;
    for (const [oldest, stretches] of this.#known) {
      if (this.#remembered <= this.#sizes.stretchesRememberedMax) break;
      this.#known.delete(oldest);
      this.#remembered -= stretches.length;
    }
  }
}
