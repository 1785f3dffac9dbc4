import type { ClaimedDelivery } from "../domain/delivery.ts";
import type { SubscriptionId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { DeliveryLane } from "./delivery-lane.ts";

const lanesRemembered = 10_000;

/** The lanes of this node, and what they hold together. */
export class Lanes {
  readonly #lanes = new Map<SubscriptionId, DeliveryLane>();
  #held = 0;
  #heldBytes = 0;

  /** Deliveries that the node still has room for. */
  get room(): number {
    if (this.#heldBytes >= limits.nodeHeldBytesMax) return 0;
    return Math.max(0, limits.nodeHeldMax - this.#held);
  }

  get held(): number {
    return this.#held;
  }

  lane(subscriptionId: SubscriptionId): DeliveryLane {
    let lane = this.#lanes.get(subscriptionId);
    if (lane === undefined) {
      lane = new DeliveryLane(subscriptionId);
      this.#lanes.set(subscriptionId, lane);
    }
    return lane;
  }

  all(): IterableIterator<DeliveryLane> {
    return this.#lanes.values();
  }

  closed(): SubscriptionId[] {
    const closed: SubscriptionId[] = [];
    for (const lane of this.#lanes.values()) if (lane.isClosed) closed.push(lane.subscriptionId);
    return closed;
  }

  hold(lane: DeliveryLane, delivery: ClaimedDelivery): void {
    lane.held += 1;
    this.#held += 1;
    this.#heldBytes += delivery.payload.length;
  }

  letGo(lane: DeliveryLane, delivery: ClaimedDelivery): void {
    lane.held -= 1;
    this.#held -= 1;
    this.#heldBytes -= delivery.payload.length;
  }

  /** Forgets lanes with nothing in them, once there are many. They lose their pace and start small again. */
  forgetIdle(): void {
    if (this.#lanes.size <= lanesRemembered) return;
    for (const lane of this.#lanes.values()) if (lane.isIdle) this.#lanes.delete(lane.subscriptionId);
  }
}
