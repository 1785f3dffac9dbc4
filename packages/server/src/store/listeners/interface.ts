import type { ClaimedDelivery } from "../../domain/delivery.ts";
import type { NodeId, OrganizationId } from "../../domain/id.ts";
import type { DisabledReason } from "../../domain/subscription.ts";
import type { DeliveryKey } from "../deliveries/interface.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";

/**
 * Deliveries of listeners, which no engine claims. Each connection of a listener is a node: it claims the deliveries
 * that it hands out and holds them while it sends heartbeats. When it expires they are due again.
 */
export interface ListenerStore {
  /** Returns the state of a listener as one of its connections sees it; null if there is no such listener. */
  readListener(params: SubscriptionKey & { nodeId: NodeId }): Promise<ListenerSight | null>;
  /**
   * Claims due deliveries for a connection in the order in which they are due. Returns none if the connection has
   * expired or the subscription is not a listener.
   */
  claimForListener(
    params: SubscriptionKey & { nodeId: NodeId; now: number; limit: number },
  ): Promise<ClaimedDelivery[]>;
  /** Returns a delivery as it was claimed; null if the node does not hold it. */
  readClaimed(
    params: DeliveryKey & { organizationId: OrganizationId; nodeId: NodeId },
  ): Promise<ClaimedDelivery | null>;
  /** Records that a listener is alive. */
  noteHeard(params: SubscriptionKey & { now: number }): Promise<null>;
  /** Returns listeners whose last connection was seen before a time, at most `limit`. */
  findSilentListeners(params: { heardBefore: number; limit: number }): Promise<SubscriptionKey[]>;
}

export interface ListenerSight {
  readonly disabledReason: DisabledReason | null;
  /** How many deliveries this connection holds. */
  readonly held: number;
  /** When the next delivery is due (ms); null if none waits. */
  readonly dueAt: number | null;
}
