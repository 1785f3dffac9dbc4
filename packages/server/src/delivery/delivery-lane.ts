import type { ClaimedDelivery } from "../domain/delivery.ts";
import type { SubscriptionId } from "../domain/id.ts";
import { firstPace, type LanePace, laneHeldMax } from "../domain/lane.ts";
import { WaitingLine } from "./waiting-line.ts";

/** The deliveries of one subscription that this node holds. */
export class DeliveryLane {
  readonly subscriptionId: SubscriptionId;
  readonly waiting = new WaitingLine<ClaimedDelivery>();
  pace: LanePace = firstPace;
  /** Requests under way. */
  underWay = 0;
  /** Waiting, under way, or sent and not yet recorded. */
  held = 0;
  /** Whether due rows wait in the store; then new deliveries must queue behind them there. */
  backlog = false;
  /** Counts the times that the store told of a backlog, so that a claim asked for before does not hide it. */
  spills = 0;
  /** Whether the subscription gets one delivery at a time; then the next waits for the record of the one before. */
  ordered = false;
  /** Hand-backs under way; what arrives meanwhile goes back too, since it must not start before what goes back. */
  handingBack = 0;
  /** Already in line for a free place among the node's requests. */
  inLine = false;

  constructor(subscriptionId: SubscriptionId) {
    this.subscriptionId = subscriptionId;
  }

  get room(): number {
    return Math.max(0, laneHeldMax(this.pace) - this.held);
  }

  get isIdle(): boolean {
    return this.held === 0 && !this.backlog;
  }

  /** Whether to ask the store for more: once half the room is free, since a claim for each delivery would cost a commit each. */
  wantsClaim(now: number): boolean {
    if (this.handingBack > 0 || this.room === 0 || this.pace.restUntil > now) return false;
    return this.ordered ? this.held === 0 : this.room * 2 >= this.held;
  }

  mayStart(now: number): boolean {
    const concurrency = this.ordered ? 1 : this.pace.concurrency;
    return this.waiting.length > 0 && this.underWay < concurrency && now >= this.pace.restUntil;
  }
}
