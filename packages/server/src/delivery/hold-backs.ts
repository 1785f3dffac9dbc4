import type { Clock } from "../domain/clock.ts";
import { type HoldBack, type HoldBackState, holdBackOf } from "../domain/hold-back.ts";
import type { NodeId, SubscriptionId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";
import type { NotedHoldBack } from "../store/throttle-states/interface.ts";
import type { Lanes } from "./lanes.ts";

/** Stores what holds this node's lanes back, so that any node can tell: now and then, and only what changed. */
export class HoldBacks {
  readonly #store: Pick<Store, "noteHoldBacks">;
  readonly #lanes: Lanes;
  readonly #nodeId: NodeId;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  #stored = new Map<SubscriptionId, HoldBack>();

  constructor(
    store: Pick<Store, "noteHoldBacks">,
    lanes: Lanes,
    context: { nodeId: NodeId; clock: Clock; reporter: Reporter },
  ) {
    this.#store = store;
    this.#lanes = lanes;
    this.#nodeId = context.nodeId;
    this.#clock = context.clock;
    this.#reporter = context.reporter;
  }

  /** Answers how long to rest before the next look (ms). What could not be stored is tried again then. */
  async look(): Promise<number> {
    const current = this.#current();
    this.#reporter.lanesHeldBack(counted(current));
    const changes = changesOf(this.#stored, current);
    try {
      if (changes.length > 0) await this.#store.noteHoldBacks({ nodeId: this.#nodeId, holdBacks: changes });
      this.#stored = current;
    } catch (error) {
      this.#reporter.choreFailed({ chore: "store what holds subscriptions back", error });
    }
    return limits.holdBacksLookMs;
  }

  #current(): Map<SubscriptionId, HoldBack> {
    const now = this.#clock.now();
    const current = new Map<SubscriptionId, HoldBack>();
    for (const lane of this.#lanes.all()) {
      const holdBack = holdBackOf(lane, now);
      if (holdBack !== null) current.set(lane.subscriptionId, holdBack);
    }
    return current;
  }
}

function changesOf(
  before: ReadonlyMap<SubscriptionId, HoldBack>,
  after: ReadonlyMap<SubscriptionId, HoldBack>,
): NotedHoldBack[] {
  const changes: NotedHoldBack[] = [];
  for (const [subscriptionId, holdBack] of after) {
    if (!isSame(before.get(subscriptionId), holdBack)) changes.push({ subscriptionId, holdBack });
  }
  for (const subscriptionId of before.keys()) {
    if (!after.has(subscriptionId)) changes.push({ subscriptionId, holdBack: null });
  }
  return changes;
}

function isSame(a: HoldBack | undefined, b: HoldBack): boolean {
  return a?.state === b.state && a.reason === b.reason && a.since === b.since && a.nextTryAt === b.nextTryAt;
}

function counted(holdBacks: ReadonlyMap<SubscriptionId, HoldBack>): Record<HoldBackState, number> {
  const counts = { circuit_open: 0, half_open: 0, slowed_down: 0, rate_limited: 0 };
  for (const { state } of holdBacks.values()) counts[state] += 1;
  return counts;
}
