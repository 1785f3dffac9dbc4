import type { Circuit } from "../domain/circuit.ts";
import type { ClaimedDelivery } from "../domain/delivery.ts";
import type { OrganizationId, SubscriptionId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { payloadBytes } from "../domain/message.ts";
import type { NodeRoom } from "../store/store.ts";
import { DeliveryLane, OrganizationShare } from "./delivery-lane.ts";

const lanesRemembered = 10_000;

/** The lanes of this node, and the total of the deliveries that they hold. */
export class Lanes {
  readonly #lanes = new Map<SubscriptionId, DeliveryLane>();
  readonly #shares = new Map<OrganizationId, OrganizationShare>();
  readonly #unknownShare = new OrganizationShare(null);
  /** These sets are small, and each commit reads them. */
  readonly #backlogged = new Set<OrganizationShare>();
  readonly #fullLanes = new Set<DeliveryLane>();
  readonly #fullShares = new Set<OrganizationShare>();
  #held = 0;
  #heldBytes = 0;

  /** The number of further deliveries that the node may hold. */
  get room(): NodeRoom {
    return {
      deliveries: Math.max(0, limits.nodeHeldMax - this.#held),
      bytes: Math.max(0, limits.nodeHeldBytesMax - this.#heldBytes),
    };
  }

  /** The lane of a subscription. The organization is optional where it is unknown. */
  lane(subscriptionId: SubscriptionId, organizationId: OrganizationId | null = null): DeliveryLane {
    let lane = this.#lanes.get(subscriptionId);
    if (lane === undefined) {
      lane = new DeliveryLane(subscriptionId, this.#unknownShare);
      this.#lanes.set(subscriptionId, lane);
    }
    if (organizationId !== null && lane.share === this.#unknownShare) this.#assign(lane, organizationId);
    return lane;
  }

  all(): IterableIterator<DeliveryLane> {
    return this.#lanes.values();
  }

  get hasBacklog(): boolean {
    return this.#backlogged.size > 0;
  }

  /** Lanes with due rows in the store. Organizations take turns, however many lanes each of them has. */
  *backlogged(): Generator<DeliveryLane> {
    let turns = [...this.#backlogged].map((share) => share.backlogged.values());
    while (turns.length > 0) {
      const unfinished: typeof turns = [];
      for (const turn of turns) {
        const { value, done } = turn.next();
        if (done === true) continue;
        yield value;
        unfinished.push(turn);
      }
      turns = unfinished;
    }
  }

  /** Lanes whose new deliveries must wait in the store, behind others or for lack of room. */
  backloggedOrFull(): SubscriptionId[] {
    const closed = new Set(this.#fullLanes);
    for (const { backlogged } of this.#backlogged) for (const lane of backlogged) closed.add(lane);
    return [...closed].map(({ subscriptionId }) => subscriptionId);
  }

  /** Organizations that have used up their share of the node's memory. */
  fullOrganizations(): OrganizationId[] {
    return [...this.#fullShares].map(({ organizationId }) => organizationId).filter((id) => id !== null);
  }

  /** Records that due rows wait in the store for this lane. `isNew` means that an earlier claim does not know about them. */
  addBacklog(lane: DeliveryLane, { isNew }: { isNew: boolean }): void {
    lane.backlog = true;
    if (isNew) lane.backlogs += 1;
    lane.share.backlogged.add(lane);
    this.#backlogged.add(lane.share);
  }

  clearBacklog(lane: DeliveryLane): void {
    lane.backlog = false;
    lane.share.backlogged.delete(lane);
    if (lane.share.backlogged.size === 0) this.#backlogged.delete(lane.share);
  }

  /** The lane had its turn. Next time the other lanes of its organization come first, and the other organizations. */
  endTurn(lane: DeliveryLane): void {
    if (!lane.backlog) return;
    const { share } = lane;
    share.backlogged.delete(lane);
    share.backlogged.add(lane);
    this.#backlogged.delete(share);
    this.#backlogged.add(share);
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

  #assign(lane: DeliveryLane, organizationId: OrganizationId): void {
    let share = this.#shares.get(organizationId);
    if (share === undefined) {
      share = new OrganizationShare(organizationId);
      this.#shares.set(organizationId, share);
    }
    const { backlog } = lane;
    if (backlog) this.clearBacklog(lane);
    lane.share = share;
    if (backlog) this.addBacklog(lane, { isNew: false });
  }

  #count(lane: DeliveryLane, deliveries: number, bytes: number): void {
    const { share } = lane;
    lane.held += deliveries;
    share.held += deliveries;
    share.heldBytes += bytes;
    this.#held += deliveries;
    this.#heldBytes += bytes;
    this.#noteRoom(lane);
    if (share.room === 0) this.#fullShares.add(share);
    else this.#fullShares.delete(share);
  }

  #noteRoom(lane: DeliveryLane): void {
    if (lane.room === 0) this.#fullLanes.add(lane);
    else this.#fullLanes.delete(lane);
  }

  /** Deletes empty lanes when there are many. They lose their pace and start small again. */
  forgetIdle(): void {
    if (this.#lanes.size <= lanesRemembered) return;
    for (const lane of this.#lanes.values()) if (lane.isIdle) this.#lanes.delete(lane.subscriptionId);
    const used = new Set([...this.#lanes.values()].map(({ share }) => share.organizationId));
    for (const organizationId of this.#shares.keys())
      if (!used.has(organizationId)) this.#shares.delete(organizationId);
  }
}
