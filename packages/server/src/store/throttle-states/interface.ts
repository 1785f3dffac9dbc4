import type { NodeId, SubscriptionId } from "../../domain/id.ts";
import type { ThrottleState } from "../../domain/throttle-state.ts";

/** Why lanes send less or nothing: rate limits, slowdowns and open circuits. */
export interface ThrottleStateStore {
  /**
   * Stores the throttle states of subscriptions on a node in place of its earlier ones; null removes one. A throttle
   * state is shown with its subscription while the node is alive.
   */
  noteThrottleStates(params: { nodeId: NodeId; throttleStates: readonly NotedThrottleState[] }): Promise<null>;
}

export interface NotedThrottleState {
  readonly subscriptionId: SubscriptionId;
  readonly throttleState: ThrottleState | null;
}
