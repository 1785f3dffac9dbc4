import type { NodeId, SubscriptionId } from "../../domain/id.ts";
import type { ThrottleState } from "../../domain/throttle-state.ts";

/** Throttle states. */
export interface ThrottleStateStore {
  /**
   * Notes what holds back subscriptions on a node, in place of what it said of them before; null when nothing does any
   * more. What a node said is shown with its subscription while the node lives.
   */
  noteThrottleStates(params: { nodeId: NodeId; throttleStates: readonly NotedThrottleState[] }): Promise<null>;
}

export interface NotedThrottleState {
  readonly subscriptionId: SubscriptionId;
  readonly throttleState: ThrottleState | null;
}
