import { type Circuit, closedCircuit, mayPass } from "../domain/circuit.ts";
import type { ClaimedDelivery } from "../domain/delivery.ts";
import type { OrganizationId, SubscriptionId } from "../domain/id.ts";
import { firstPace, type LanePace, laneHeldMax, nextStartIn } from "../domain/lane.ts";
import { limits } from "../domain/limits.ts";
import type { Slowdown } from "../domain/throttle-state.ts";
import { WaitingLine } from "./waiting-line.ts";

/** The deliveries of one subscription in this node's memory. */
export class DeliveryLane {
  readonly subscriptionId: SubscriptionId;
  /** The usage of the subscription's organization. */
  share: OrganizationShare;
  readonly waiting = new WaitingLine<ClaimedDelivery>();
  pace: LanePace = firstPace;
  circuit: Circuit = closedCircuit;
  slowdown: Slowdown | null = null;
  /** When more deliveries became due than the rate limit allows. */
  rateLimitedSince: number | null = null;
  /** No claim is made before this time, because the rate limit allows none. */
  rateLimitedUntil = 0;
  /** A user may have requested a delivery. It is then the early trial of an open circuit. */
  trialRequested = false;
  /** The value of `backlogs` when the store was last asked for requested deliveries. */
  requestedByHandAt = 0;
  /** Requests that are running. */
  underWay = 0;
  /** Deliveries that are waiting, being sent, or sent but not yet recorded. */
  held = 0;
  /** Whether due rows wait in the store, so that new deliveries must queue behind them. */
  backlog = false;
  /** Counts reports of a backlog from the store, so that the result of an earlier claim does not hide a later report. */
  backlogs = 0;
  /** Whether the subscription sends one delivery at a time, so that the next one waits until the previous one is recorded. */
  ordered = false;
  /** Releases in progress. Deliveries that arrive meanwhile are released too, because they must not start before the others. */
  handingBack = 0;
  /** The lane already waits for one of the node's requests. */
  inLine = false;
  /** A timer that starts the next request when the pace allows it. */
  isResting = false;

  constructor(subscriptionId: SubscriptionId, share: OrganizationShare) {
    this.subscriptionId = subscriptionId;
    this.share = share;
  }

  get room(): number {
    if (this.circuit.state !== "closed") return 0;
    return Math.max(0, laneHeldMax(this.pace) - this.held);
  }

  /** The number of requests that can start at once. */
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
   * The claim to make, if any. A lane claims when half of its room is free, because a claim per delivery would cost a commit
   * each. For an open circuit it claims only the trial; before its time, only a requested delivery.
   */
  claimParams(now: number): ClaimParams | null {
    if (this.handingBack > 0 || this.pace.restUntil > now || this.rateLimitedUntil > now) return null;
    if (this.circuit.state !== "closed") {
      if (this.held > 0 || this.circuit.state === "half_open") return null;
      if (mayPass(this.circuit, now)) return { limit: 1, byHandOnly: false };
      return this.backlogs === this.requestedByHandAt ? null : { limit: 1, byHandOnly: true };
    }
    const isWorthIt = this.ordered ? this.held === 0 : this.room * 2 >= this.held;
    return this.room > 0 && isWorthIt ? { limit: this.room, byHandOnly: false } : null;
  }

  mayStart(now: number): boolean {
    if (this.circuit.state !== "closed" && !this.#mayTry(now)) return false;
    const concurrency = this.ordered ? 1 : this.pace.concurrency;
    return this.waiting.length > 0 && this.underWay < concurrency && now >= nextStartIn(this.pace);
  }

  /** A trial starts only when no other request is running, so that the next outcome is its own. */
  #mayTry(now: number): boolean {
    return (
      this.underWay === 0 && (mayPass(this.circuit, now) || (this.trialRequested && this.circuit.state === "open"))
    );
  }
}

export interface ClaimParams {
  readonly limit: number;
  readonly byHandOnly: boolean;
}

/** The memory and requests of a node that one organization uses. */
export class OrganizationShare {
  /** Null for lanes whose organization is not known yet. They are empty. */
  readonly organizationId: OrganizationId | null;
  /** Lanes with due rows in the store. */
  readonly backlogged = new Set<DeliveryLane>();
  /** Lanes that wait for one of the node's requests. */
  readonly startLine = new WaitingLine<DeliveryLane>();
  /** Deliveries in memory, and the bytes of their payloads. */
  held = 0;
  heldBytes = 0;
  /** Requests that are running. */
  underWay = 0;

  constructor(organizationId: OrganizationId | null) {
    this.organizationId = organizationId;
  }

  /** The number of further deliveries that the organization may have in memory. */
  get room(): number {
    return this.heldBytes < limits.organizationHeldBytesMax ? Math.max(0, limits.organizationHeldMax - this.held) : 0;
  }

  get mayStart(): boolean {
    return this.underWay < limits.organizationConcurrencyMax;
  }
}
