import type { ClaimedDelivery } from "../../domain/delivery.ts";
import type { NodeId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { payloadBytes } from "../../domain/message.ts";
import { FanOutBudget } from "../fan-out/fan-out-budget.ts";
import type { NodeRoom } from "../store.ts";
import { ChangeLog } from "../streams/change-log.ts";
import type { Room } from "./batch.ts";

/**
 * The effects of one commit on this process: deliveries for its engine, backlogged lanes, changed subscriptions, and
 * entries of the change log.
 */
export class CommitEffects {
  readonly claimed: ClaimedDelivery[] = [];
  /** Subscriptions with new deliveries that wait as due rows. */
  readonly backlogged = new Set<SubscriptionId>();
  /** Subscriptions without due deliveries after a claim. */
  readonly drained = new Set<SubscriptionId>();
  /** Subscriptions whose target or state changed. */
  readonly changed = new Set<SubscriptionId>();
  /** The entries of the change log, which streams read. */
  readonly changeLog = new ChangeLog();
  /** Organizations with entries in the change log. */
  readonly streamed = new Set<OrganizationId>();
  readonly fanOut = new FanOutBudget();
  /** Whether fan-outs wait for further commits. */
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

  /** The node that takes deliveries; null if no engine does. */
  get nodeId(): NodeId | null {
    return this.#nodeId;
  }

  /** The node has expired and gets no deliveries. */
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

  /** A new delivery waits as a due row, so later ones of this commit must wait behind it. */
  leaveInBacklog(subscriptionId: SubscriptionId): void {
    this.#backloggedLanes.add(subscriptionId);
    this.backlogged.add(subscriptionId);
  }

  /** Due deliveries of a lane were claimed. `drained`: none is left, so new ones may be handed over again. */
  claim(subscriptionId: SubscriptionId, deliveries: readonly ClaimedDelivery[], drained: boolean): void {
    this.#take(deliveries);
    if (!drained) return;
    this.drained.add(subscriptionId);
    this.#backloggedLanes.delete(subscriptionId);
  }

  /**
   * How many bytes of payloads a claim for a node may take. It is unbounded for nodes without an engine in this process, which
   * hold their deliveries elsewhere.
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

  /** The state to return to if a command fails. Other effects of that command do no harm. */
  get mark(): NodeRoom & { readonly claimed: number } {
    return { deliveries: this.#deliveries, bytes: this.#bytes, claimed: this.claimed.length };
  }

  backTo({ deliveries, bytes, claimed }: CommitEffects["mark"]): void {
    this.#deliveries = deliveries;
    this.#bytes = bytes;
    this.claimed.length = claimed;
  }
}
