import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { ThrottleState } from "../../domain/throttle-state.ts";

/** The deliveries that wait to be sent. */
export interface BacklogStore {
  /**
   * Returns the deliveries that wait in an organization at a time (ms). Each kind is counted up to a bound for each subscription. The
   * bound falls with the number of subscriptions that have something waiting, so the query takes no longer when more is
   * waiting.
   */
  readBacklog(params: { organizationId: OrganizationId; now: number }): Promise<Backlog>;
}

export interface WaitingCounts {
  /** To be sent as soon as there is room. */
  readonly due: number;
  /** To be sent later: a retry, or the first attempt of a message that was published for later. */
  readonly later: number;
  /** Claimed by nodes: being sent or about to be. */
  readonly claimed: number;
}

export interface Backlog extends WaitingCounts {
  /** When the delivery that has waited longest became due (ms); null if none is due. */
  readonly oldestDueAt: number | null;
  /** The bound of each count. */
  readonly countedUpTo: number;
  /** Whether no count reached its bound. */
  readonly isExact: boolean;
  /** Subscriptions with something waiting, most due first, at most `limits.backlogSubscriptionsMax`. */
  readonly subscriptions: readonly WaitingSubscription[];
}

export interface WaitingSubscription extends WaitingCounts {
  readonly subscriptionId: SubscriptionId;
  readonly url: string;
  /** The earliest time at which one of its deliveries was or will be due (ms); null if nodes hold all of them. */
  readonly nextAttemptAt: number | null;
  readonly throttleState: ThrottleState | null;
}
