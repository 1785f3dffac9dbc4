import { type Clock, untilNextLook } from "../domain/clock.ts";
import type { NodeId, SubscriptionId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { type ThrottleState, type ThrottleStateName, throttleStateOf } from "../domain/throttle-state.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";
import type { NotedThrottleState } from "../store/throttle-states/interface.ts";
import type { Lanes } from "./lanes.ts";

/** Periodically stores the throttle states of this node's lanes, so that every node can show them. Only changes are written. */
export class ThrottleStates {
  readonly #store: Pick<Store, "noteThrottleStates">;
  readonly #lanes: Lanes;
  readonly #nodeId: NodeId;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  #stored = new Map<SubscriptionId, ThrottleState>();

  constructor(
    store: Pick<Store, "noteThrottleStates">,
    lanes: Lanes,
    context: { nodeId: NodeId; clock: Clock; reporter: Reporter },
  ) {
    this.#store = store;
    this.#lanes = lanes;
    this.#nodeId = context.nodeId;
    this.#clock = context.clock;
    this.#reporter = context.reporter;
  }

  /** Returns how long to wait before the next check (ms). Failed writes are retried then. */
  async look(): Promise<number> {
    const current = this.#current();
    this.#reporter.lanesHeldBack(counted(current));
    const changes = changesOf(this.#stored, current);
    try {
      if (changes.length > 0) await this.#store.noteThrottleStates({ nodeId: this.#nodeId, throttleStates: changes });
      this.#stored = current;
    } catch (error) {
      this.#reporter.internalOperationFailed({ operation: "store throttle states", error });
    }
    return untilNextLook(this.#clock.now(), limits.throttleStatesLookMs);
  }

  #current(): Map<SubscriptionId, ThrottleState> {
    const now = this.#clock.now();
    const current = new Map<SubscriptionId, ThrottleState>();
    for (const lane of this.#lanes.all()) {
      const throttleState = throttleStateOf(lane, now);
      if (throttleState !== null) current.set(lane.subscriptionId, throttleState);
    }
    return current;
  }
}

function changesOf(
  before: ReadonlyMap<SubscriptionId, ThrottleState>,
  after: ReadonlyMap<SubscriptionId, ThrottleState>,
): NotedThrottleState[] {
  const changes: NotedThrottleState[] = [];
  for (const [subscriptionId, throttleState] of after) {
    if (!isSame(before.get(subscriptionId), throttleState)) changes.push({ subscriptionId, throttleState });
  }
  for (const subscriptionId of before.keys()) {
    if (!after.has(subscriptionId)) changes.push({ subscriptionId, throttleState: null });
  }
  return changes;
}

function isSame(a: ThrottleState | undefined, b: ThrottleState): boolean {
  return a?.state === b.state && a.reason === b.reason && a.since === b.since && a.nextTryAt === b.nextTryAt;
}

function counted(throttleStates: ReadonlyMap<SubscriptionId, ThrottleState>): Record<ThrottleStateName, number> {
  const counts = { circuit_open: 0, half_open: 0, slowed_down: 0, rate_limited: 0 };
  for (const { state } of throttleStates.values()) counts[state] += 1;
  return counts;
}
