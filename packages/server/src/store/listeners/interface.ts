import type { ClaimedDelivery } from "../../domain/delivery.ts";
import type { NodeId, OrganizationId } from "../../domain/id.ts";
import type { DisabledReason } from "../../domain/subscription.ts";
import type { DeliveryKey } from "../deliveries/interface.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";

/**
 * Deliveries of listeners. No engine claims them. Each connection of a listener is a node: it claims what it hands out,
 * holds it while it is heard of, and what it held is due again afterwards.
 */
export interface ListenerStore {
  /** How a listener is, as one of its connections sees it; null when there is none of this id. */
  readListener(params: SubscriptionKey & { nodeId: NodeId }): Promise<ListenerSight | null>;
  /**
   * Claims due deliveries for a connection, in the order in which they are due. None for a connection that was declared
   * dead, and none of a subscription that is no listener.
   */
  claimForListener(
    params: SubscriptionKey & { nodeId: NodeId; now: number; limit: number },
  ): Promise<ClaimedDelivery[]>;
  /** A delivery as it was claimed; null when the node does not hold it. */
  readHeld(params: DeliveryKey & { organizationId: OrganizationId; nodeId: NodeId }): Promise<ClaimedDelivery | null>;
  /** Notes that a listener lives. */
  noteHeard(params: SubscriptionKey & { now: number }): Promise<null>;
  /** Listeners that were last heard of before, at most `limit`. */
  findSilentListeners(params: { heardBefore: number; limit: number }): Promise<SubscriptionKey[]>;
}

export interface ListenerSight {
  readonly disabledReason: DisabledReason | null;
  /** Deliveries that this connection holds. */
  readonly held: number;
  /** When the next delivery is due (ms); null when none waits. */
  readonly dueAt: number | null;
}
