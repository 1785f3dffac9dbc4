import { type Circuit, closedCircuit, mayPass } from "../domain/circuit.ts";
import type { ClaimedDelivery } from "../domain/delivery.ts";
import type { OrganizationId, SubscriptionId } from "../domain/id.ts";
import { firstPace, type LanePace, laneHeldMax, nextStartIn } from "../domain/lane.ts";
import { limits } from "../domain/limits.ts";
import type { Slowdown } from "../domain/throttle-state.ts";
import { WaitingLine } from "./waiting-line.ts";

/** The deliveries of one subscription that this node holds. */
export class DeliveryLane {
  readonly subscriptionId: SubscriptionId;
  /** The share of the subscription's organization. */
  share: OrganizationShare;
  readonly waiting = new WaitingLine<ClaimedDelivery>();
  pace: LanePace = firstPace;
  circuit: Circuit = closedCircuit;
  slowdown: Slowdown | null = null;
  /** Since when more is due than the rate limit lets through. */
  rateLimitedSince: number | null = null;
  /** No claim before: the rate limit lets nothing through. */
  rateLimitedUntil = 0;
  /** Somebody may have asked for a delivery by hand: it is the trial of an open circuit, before its time. */
  trialAsked = false;
  /** `backlogs` when the store was last asked for deliveries by hand. */
  askedByHandAt = 0;
  /** Requests under way. */
  underWay = 0;
  /** Waiting, under way, or sent and not yet recorded. */
  held = 0;
  /** Whether due rows wait in the store; then new deliveries must queue behind them there. */
  backlog = false;
  /** Counts the times that the store told of a backlog, so that a claim asked for before does not hide it. */
  backlogs = 0;
  /** Whether the subscription gets one delivery at a time; then the next waits for the record of the one before. */
  ordered = false;
  /** Hand-backs under way; what arrives meanwhile goes back too, since it must not start before what goes back. */
  handingBack = 0;
  /** Already in line for a free place among the node's requests. */
  inLine = false;
  /** A timer starts the next request when the pace allows it. */
  isResting = false;

  constructor(subscriptionId: SubscriptionId, share: OrganizationShare) {
    this.subscriptionId = subscriptionId;
    this.share = share;
  }

  get room(): number {
    if (this.circuit.state !== "closed") return 0;
    return Math.max(0, laneHeldMax(this.pace) - this.held);
  }

  /** Requests that can start at once. */
  get startingMax(): number {
    const concurrency = this.ordered || this.circuit.state !== "closed" ? 1 : this.pace.concurrency;
    return Math.max(0, concurrency - this.held);
  }

  get isBusy(): boolean {
    return this.held > 0 || this.backlog;
  }

  get isIdle(): boolean {
    return !this.isBusy && this.circuit.state === "closed";
  }

  /**
   * What to ask the store for, if anything. More only once half the room is free, since a claim for each delivery would
   * cost a commit each; for an open circuit its trial alone, which before its time can only be one asked for by hand.
   */
  wantedClaim(now: number): WantedClaim | null {
    if (this.handingBack > 0 || this.pace.restUntil > now || this.rateLimitedUntil > now) return null;
    if (this.circuit.state !== "closed") {
      if (this.held > 0 || this.circuit.state === "half_open") return null;
      if (mayPass(this.circuit, now)) return { limit: 1, byHandOnly: false };
      return this.backlogs === this.askedByHandAt ? null : { limit: 1, byHandOnly: true };
    }
    const isWorthIt = this.ordered ? this.held === 0 : this.room * 2 >= this.held;
    return this.room > 0 && isWorthIt ? { limit: this.room, byHandOnly: false } : null;
  }

  mayStart(now: number): boolean {
    if (this.circuit.state !== "closed" && !this.#mayTry(now)) return false;
    const concurrency = this.ordered ? 1 : this.pace.concurrency;
    return this.waiting.length > 0 && this.underWay < concurrency && now >= nextStartIn(this.pace);
  }

  /** A trial begins when nothing else is under way, so that what comes back is its own. */
  #mayTry(now: number): boolean {
    return this.underWay === 0 && (mayPass(this.circuit, now) || (this.trialAsked && this.circuit.state === "open"));
  }
}

export interface WantedClaim {
  readonly limit: number;
  readonly byHandOnly: boolean;
}

/** The part of a node's memory and requests that one organization uses. */
export class OrganizationShare {
  /** Null for lanes whose organization is not known yet. They hold nothing. */
  readonly organizationId: OrganizationId | null;
  /** Lanes with due rows in the store. */
  readonly backlogged = new Set<DeliveryLane>();
  /** Lanes that wait for a free request of the node. */
  readonly startLine = new WaitingLine<DeliveryLane>();
  /** Deliveries in memory, and the bytes of their payloads. */
  held = 0;
  heldBytes = 0;
  /** Requests under way. */
  underWay = 0;

  constructor(organizationId: OrganizationId | null) {
    this.organizationId = organizationId;
  }

  /** Deliveries for which the organization has room. */
  get room(): number {
    return this.heldBytes < limits.organizationHeldBytesMax ? Math.max(0, limits.organizationHeldMax - this.held) : 0;
  }

  get mayStart(): boolean {
    return this.underWay < limits.organizationConcurrencyMax;
  }
}
