import type { ClaimedDelivery } from "../../domain/delivery.ts";
import type { NodeId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { payloadBytes } from "../../domain/message.ts";
import { FanOutBudget } from "../fan-out/fan-out-budget.ts";
import type { HeldRoom } from "../store.ts";
import { ChangeLog } from "../streams/change-log.ts";
import type { Room } from "./batch.ts";

/** What one commit hands to this node's engine, what it leaves for whoever claims it, and which subscriptions it changes. */
export class CommitEffects {
  readonly claimed: ClaimedDelivery[] = [];
  readonly backlogged = new Set<SubscriptionId>();
  readonly drained = new Set<SubscriptionId>();
  readonly changed = new Set<SubscriptionId>();
  /** What streams are to be told of it. */
  readonly changeLog = new ChangeLog();
  /** Whose streams have news in it. */
  readonly streamed = new Set<OrganizationId>();
  readonly fanOut = new FanOutBudget();
  /** Whether it leaves fan-outs to further commits. */
  fanOutWaits = false;
  readonly #backloggedLanes: Set<SubscriptionId>;
  readonly #fullOrganizations: ReadonlySet<OrganizationId>;
  readonly #handedOver = new Map<SubscriptionId, number>();
  #nodeId: NodeId | null;
  #deliveries: number;
  #bytes: number;

  constructor(room: Room | null) {
    this.#nodeId = room?.nodeId ?? null;
    this.#deliveries = room?.deliveries ?? 0;
    this.#bytes = room?.bytes ?? 0;
    this.#backloggedLanes = new Set(room?.backloggedLanes);
    this.#fullOrganizations = new Set(room?.fullOrganizations);
  }

  /** The node that takes what is handed over; null when nobody does. */
  get nodeId(): NodeId | null {
    return this.#nodeId;
  }

  /** The node turned out to be declared dead: it gets nothing. */
  takeNothing(): void {
    this.#nodeId = null;
  }

  /** Whether a new delivery of this lane may be handed over in memory. */
  takes(subscriptionId: SubscriptionId, organizationId: OrganizationId): boolean {
    if (this.#nodeId === null || !this.#hasRoom || this.#backloggedLanes.has(subscriptionId)) return false;
    if (this.#fullOrganizations.has(organizationId)) return false;
    return (this.#handedOver.get(subscriptionId) ?? 0) < limits.laneHandedOverMax;
  }

  handOver(delivery: ClaimedDelivery): void {
    const { subscriptionId } = delivery;
    this.#take([delivery]);
    this.#handedOver.set(subscriptionId, (this.#handedOver.get(subscriptionId) ?? 0) + 1);
  }

  /** A new delivery waits as a due row: what comes after it in this commit must wait behind it. */
  leaveInBacklog(subscriptionId: SubscriptionId): void {
    this.#backloggedLanes.add(subscriptionId);
    this.backlogged.add(subscriptionId);
  }

  /** Due deliveries of a lane were claimed. `drained`: nothing waits any more, so new ones may be handed over again. */
  claim(subscriptionId: SubscriptionId, deliveries: readonly ClaimedDelivery[], drained: boolean): void {
    this.#take(deliveries);
    if (!drained) return;
    this.drained.add(subscriptionId);
    this.#backloggedLanes.delete(subscriptionId);
  }

  /**
   * Room for payloads that a claim for a node may fill. What is claimed for a node that no engine here stands for is not
   * held here.
   */
  bytesFor(nodeId: NodeId): number {
    return nodeId === this.#nodeId ? this.#bytes : Number.POSITIVE_INFINITY;
  }

  get #hasRoom(): boolean {
    return this.#deliveries > 0 && this.#bytes > 0;
  }

  #take(deliveries: readonly ClaimedDelivery[]): void {
    this.claimed.push(...deliveries);
    this.#deliveries -= deliveries.length;
    this.#bytes -= deliveries.reduce((sum, delivery) => sum + payloadBytes(delivery), 0);
  }

  /** Where it stands, to come back to when a command fails; what was noted besides does no harm. */
  get mark(): HeldRoom & { readonly claimed: number } {
    return { deliveries: this.#deliveries, bytes: this.#bytes, claimed: this.claimed.length };
  }

  backTo({ deliveries, bytes, claimed }: CommitEffects["mark"]): void {
    this.#deliveries = deliveries;
    this.#bytes = bytes;
    this.claimed.length = claimed;
  }
}
