import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { ThrottleState } from "../../domain/throttle-state.ts";

/** Looking at what waits to be sent. */
export interface BacklogStore {
  /**
   * What waits in an organization at a time (ms). Of each subscription each kind is counted up to a bound, which is the lower
   * the more of them have something waiting, so that the answer takes no longer however much waits.
   */
  readBacklog(params: { organizationId: OrganizationId; now: number }): Promise<Backlog>;
}

export interface WaitingCounts {
  /** To be sent as soon as there is room. */
  readonly due: number;
  /** To be sent later: another attempt, or the first one of a message that was published for later. */
  readonly later: number;
  /** Held by nodes: being sent, or about to be. */
  readonly claimed: number;
}

export interface Backlog extends WaitingCounts {
  /** Since when the delivery that has waited longest is due (ms); null when nothing is due. */
  readonly oldestDueAt: number | null;
  /** Of each subscription and kind no more than so many were counted. */
  readonly countedUpTo: number;
  /** Whether nothing was left uncounted. */
  readonly isExact: boolean;
  /** Those with something waiting, most due first, at most `limits.backlogSubscriptionsMax`. */
  readonly subscriptions: readonly WaitingSubscription[];
}

export interface WaitingSubscription extends WaitingCounts {
  readonly subscriptionId: SubscriptionId;
  readonly url: string;
  /** The earliest time at which something of it was or will be due (ms); null when nothing but what nodes hold waits. */
  readonly nextAttemptAt: number | null;
  readonly throttleState: ThrottleState | null;
}
