import type { Circuit } from "../domain/circuit.ts";
import type { ClaimedDelivery } from "../domain/delivery.ts";
import type { SubscriptionId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { payloadBytes } from "../domain/message.ts";
import type { HeldRoom } from "../store/store.ts";
import { DeliveryLane } from "./delivery-lane.ts";

const lanesRemembered = 10_000;

/** The lanes of this node, and what they hold together. */
export class Lanes {
  readonly #lanes = new Map<SubscriptionId, DeliveryLane>();
  /** Lanes with a backlog, and lanes without room: kept apart, since each commit asks and most lanes are neither. */
  readonly #backlogged = new Set<DeliveryLane>();
  readonly #full = new Set<DeliveryLane>();
  #held = 0;
  #heldBytes = 0;

  /** What the node still has room for. */
  get room(): HeldRoom {
    return {
      deliveries: Math.max(0, limits.nodeHeldMax - this.#held),
      bytes: Math.max(0, limits.nodeHeldBytesMax - this.#heldBytes),
    };
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

  /** Lanes with due rows in the store. */
  get backlogged(): ReadonlySet<DeliveryLane> {
    return this.#backlogged;
  }

  /** Lanes whose new deliveries must wait in the store: behind others, or for room. */
  backloggedOrFull(): SubscriptionId[] {
    return [...new Set([...this.#backlogged, ...this.#full])].map((lane) => lane.subscriptionId);
  }

  /** Due rows wait in the store for this lane. `isNews`: a claim that was asked for before does not know of them. */
  addBacklog(lane: DeliveryLane, { isNews }: { isNews: boolean }): void {
    lane.backlog = true;
    if (isNews) lane.backlogs += 1;
    this.#backlogged.add(lane);
  }

  clearBacklog(lane: DeliveryLane): void {
    lane.backlog = false;
    this.#backlogged.delete(lane);
  }

  hold(lane: DeliveryLane, delivery: ClaimedDelivery): void {
    this.#count(lane, 1, payloadBytes(delivery));
  }

  letGo(lane: DeliveryLane, delivery: ClaimedDelivery): void {
    this.#count(lane, -1, -payloadBytes(delivery));
  }

  setCircuit(lane: DeliveryLane, circuit: Circuit): void {
    if (lane.circuit === circuit) return;
    lane.circuit = circuit;
    this.#noteRoom(lane);
  }

  #count(lane: DeliveryLane, deliveries: number, bytes: number): void {
    lane.held += deliveries;
    this.#held += deliveries;
    this.#heldBytes += bytes;
    this.#noteRoom(lane);
  }

  #noteRoom(lane: DeliveryLane): void {
    if (lane.room === 0) this.#full.add(lane);
    else this.#full.delete(lane);
  }

  /** Forgets lanes with nothing in them, once there are many. They lose their pace and start small again. */
  forgetIdle(): void {
    if (this.#lanes.size <= lanesRemembered) return;
    for (const lane of this.#lanes.values()) if (lane.isIdle) this.#lanes.delete(lane.subscriptionId);
  }
}
