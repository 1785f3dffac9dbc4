import type { HoldBack } from "../../domain/hold-back.ts";
import type { NodeId, SubscriptionId } from "../../domain/id.ts";

/** Throttle states. */
export interface ThrottleStateStore {
  /**
   * Notes what holds back subscriptions on a node, in place of what it said of them before; null when nothing does any
   * more. What a node said is shown with its subscription while the node lives.
   */
  noteHoldBacks(params: { nodeId: NodeId; holdBacks: readonly NotedHoldBack[] }): Promise<null>;
}

export interface NotedHoldBack {
  readonly subscriptionId: SubscriptionId;
  readonly holdBack: HoldBack | null;
}
