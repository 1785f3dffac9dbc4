import { ApiError } from "../../domain/errors.ts";
import { type AttemptId, firstIdAt, type SubscriptionId, timeOfId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Store } from "../../store/store.ts";
import type { SubscriptionKey } from "../../store/subscriptions/interface.ts";

/** Attempts that follow each other and were counted once; both ends are ids of attempts, or the beginning of a window. */
interface Stretch {
  /** Outside. */
  readonly after: AttemptId;
  /** Inside. */
  readonly last: AttemptId;
  readonly made: number;
  readonly failed: number;
}

export interface CountSizes {
  /** Attempts that one question counts. */
  readonly attemptsCountedAtOnce: number;
  /** Attempts that one answer counts anew. */
  readonly attemptsCountedMax: number;
  readonly stretchesRememberedMax: number;
}

/**
 * Counts the attempts that were made at an endpoint in a time, exactly, and without a write when they are made.
 *
 * A count goes through an index in small questions, so that it holds up nobody. Attempts are never added to what has been
 * settled for an hour: each full stretch of them is counted once in the life of the process and remembered. So an endpoint
 * with few attempts costs one question, and one with very many costs no more, from the second time on, than its newest hour and
 * the two ends of the window. A first count of more than `limits.attemptsCountedMax` is refused with what it found kept: who
 * asks again goes on from there.
 */
export class AttemptCounts {
  readonly #store: Pick<Store, "countAttempts">;
  readonly #now: () => number;
  readonly #sizes: CountSizes;
  /** In the order of their ids; the subscription that was asked for last stands last. */
  readonly #known = new Map<SubscriptionId, readonly Stretch[]>();
  #remembered = 0;

  constructor(store: Pick<Store, "countAttempts">, now: () => number, sizes: CountSizes = limits) {
    this.#store = store;
    this.#now = now;
    this.#sizes = sizes;
  }

  /** Attempts made in [since, until), and how many of them failed. Throws a 503 for more than can be counted at once. */
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

  // Two who count at the same time may find stretches that overlap: the first stays.
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
