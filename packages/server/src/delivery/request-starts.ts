import { withTrial } from "../domain/circuit.ts";
import type { Clock } from "../domain/clock.ts";
import type { ClaimedDelivery } from "../domain/delivery.ts";
import { nextStartIn, paceAfterStart } from "../domain/lane.ts";
import { limits } from "../domain/limits.ts";
import type { DeliveryLane } from "./delivery-lane.ts";
import type { Lanes } from "./lanes.ts";
import { StartLine } from "./start-line.ts";

export interface RequestStartsParts {
  readonly clock: Clock;
  readonly lanes: Lanes;
  /** Ends the waits of lanes. */
  readonly stop: AbortSignal;
  readonly takesWork: () => boolean;
  /** Sends a delivery and settles it. It never rejects. */
  readonly deliver: (lane: DeliveryLane, delivery: ClaimedDelivery) => Promise<void>;
}

/** Starts the waiting deliveries of lanes, within the limits of the lane, the organization, the node and the event loop. */
export class RequestStarts {
  readonly #parts: RequestStartsParts;
  /** Lanes that are blocked only by the limits of the node and of their organization. */
  readonly #line = new StartLine();
  #underWay = 0;
  /** Requests started since a commit last handed deliveries over, and whether the rest waits for the next turn. */
  #startedInTurn = 0;
  #isTurnOver = false;
  #whenQuiet: (() => void) | null = null;

  constructor(parts: RequestStartsParts) {
    this.#parts = parts;
  }

  /** Requests that have started and have not ended. */
  get underWay(): number {
    return this.#underWay;
  }

  /** A commit handed deliveries to these lanes. Lanes with few deliveries start first: they delay the others by little. */
  startAll(lanes: ReadonlySet<DeliveryLane>): void {
    this.#startedInTurn = 0;
    const shortFirst = lanes.size > 1 ? [...lanes].sort((a, b) => a.waiting.length - b.waiting.length) : lanes;
    for (const lane of shortFirst) this.start(lane);
  }

  start(lane: DeliveryLane): void {
    const { clock, takesWork } = this.#parts;
    const now = clock.now();
    while (takesWork() && lane.mayStart(now)) {
      if (!this.#mayStartOne() || !lane.share.mayStart) {
        if (!lane.inLine) this.#line.push(lane);
        return;
      }
      const delivery = lane.waiting.shift();
      if (delivery === undefined) return;
      void this.#run(lane, delivery, now);
    }
    const restMs = nextStartIn(lane.pace) - now;
    if (lane.waiting.length > 0 && restMs > 0) this.#startAfterRest(lane, restMs);
  }

  /** Resolves when no request is under way. */
  quiet(): Promise<void> {
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenQuiet = resolve;
    });
  }

  async #run(lane: DeliveryLane, delivery: ClaimedDelivery, now: number): Promise<void> {
    lane.underWay += 1;
    lane.share.underWay += 1;
    this.#underWay += 1;
    this.#startedInTurn += 1;
    lane.pace = paceAfterStart(lane.pace, now);
    lane.trialRequested = false;
    this.#parts.lanes.setCircuit(lane, withTrial(lane.circuit));
    await this.#parts.deliver(lane, delivery);
    lane.underWay -= 1;
    lane.share.underWay -= 1;
    this.#underWay -= 1;
    // Waiting lanes come first: a lane that is never empty would otherwise keep its request forever.
    this.#startInLine();
    this.start(lane);
    if (this.#underWay === 0) this.#whenQuiet?.();
  }

  #mayStartOne(): boolean {
    if (this.#startedInTurn >= limits.startsPerTurnMax) this.#continueInNextTurn();
    return this.#startedInTurn < limits.startsPerTurnMax && this.#underWay < limits.nodeConcurrencyMax;
  }

  /** Starting a request takes time of the thread that all other work shares, so that many requests start over several turns. */
  #continueInNextTurn(): void {
    if (this.#isTurnOver) return;
    this.#isTurnOver = true;
    void this.#parts.clock.sleep(0, this.#parts.stop).then(() => {
      this.#isTurnOver = false;
      this.#startedInTurn = 0;
      this.#startInLine();
    });
  }

  /** The first lane may have nothing left to start, so that the line is asked until the limits are reached. */
  #startInLine(): void {
    while (!this.#line.isEmpty && this.#mayStartOne()) {
      const lane = this.#line.next();
      if (lane === undefined) return;
      this.start(lane);
    }
  }

  #startAfterRest(lane: DeliveryLane, restMs: number): void {
    if (lane.isResting) return;
    lane.isResting = true;
    void this.#parts.clock.sleep(restMs, this.#parts.stop).then(() => {
      lane.isResting = false;
      if (this.#parts.takesWork()) this.start(lane);
    });
  }
}
