import type { NodeId, SubscriptionId } from "../../packages/server/src/domain/id.ts";
import type { AttemptRecord } from "../../packages/server/src/store/attempts/interface.ts";
import { type AllFacts, type DeliveryFacts, shareOf } from "./delivery-facts.ts";
import type { DeliveryRow } from "./delivery-row.ts";
import type { CommitWatch } from "./shared-database.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import type { SimulatedSubscription } from "./subscription.ts";
import type { Trace } from "./trace.ts";
import type { Verdict } from "./verdict.ts";

/** A claim's time is that of its request; its commit waits for the previous one. */
const commitMsMax = 2_000;

/** Watches every commit: which node holds a delivery, whose record counts, and whether its effects are true. */
export class CommitChecks implements CommitWatch {
  readonly #facts: AllFacts;
  readonly #verdict: Verdict;
  readonly #trace: Trace;
  readonly #time: SimulatedTime;
  readonly #subscriptions: ReadonlyMap<SubscriptionId, SimulatedSubscription>;
  readonly #leases = new Map<NodeId, number>();
  readonly #claimTimes = new Map<SubscriptionId, number[]>();
  lastRecordAt = 0;

  constructor(
    facts: AllFacts,
    context: { verdict: Verdict; trace: Trace; time: SimulatedTime },
    subscriptions: ReadonlyMap<SubscriptionId, SimulatedSubscription>,
  ) {
    this.#facts = facts;
    this.#verdict = context.verdict;
    this.#trace = context.trace;
    this.#time = context.time;
    this.#subscriptions = subscriptions;
  }

  leased(nodeId: NodeId, leaseUntil: number): void {
    this.#leases.set(nodeId, leaseUntil);
  }

  created(row: DeliveryRow): void {
    const subscription = this.#subscriptions.get(row.subscriptionId);
    if (subscription === undefined) throw new Error("A delivery to an unknown subscription.");
    this.#facts.create(row, subscription, this.#time.now);
    this.#note("created", row);
  }

  claimed(row: DeliveryRow, nodeId: NodeId): void {
    const facts = this.#facts.ofRow(row);
    this.#note(`claimed by ${this.#trace.nameOf(nodeId)}`, row);
    if (facts.holder !== null) this.#verdict.violate("fencing", `${this.#who(nodeId)} claims ${this.#owned(facts)}.`);
    facts.holder = nodeId;
    facts.claimedOrder = this.#facts.nextOrder();
    const share = shareOf(facts, nodeId);
    share.claims += 1;
    share.startsBefore = share.starts;
    share.claimedAt = this.#time.now;
    this.#checkRate(facts);
  }

  released(row: DeliveryRow, nodeId: NodeId): void {
    const facts = this.#facts.ofRow(row);
    this.#note(`released by ${this.#trace.nameOf(nodeId)}`, row);
    if (facts.holder !== nodeId)
      this.#verdict.violate("fencing", `${this.#who(nodeId)} releases ${this.#owned(facts)}.`);
    const share = shareOf(facts, nodeId);
    if (share.starts > share.startsBefore && share.rescues === 0) {
      this.#verdict.violate(
        "no needless duplicates",
        `${this.#who(nodeId)} hands back ${this.#owned(facts)} after it sent it.`,
      );
    }
    facts.holder = null;
  }

  rescued(row: DeliveryRow, nodeId: NodeId): void {
    const facts = this.#facts.ofRow(row);
    this.#note(`rescued from ${this.#trace.nameOf(nodeId)}`, row);
    const leaseUntil = this.#leases.get(nodeId) ?? 0;
    if (leaseUntil > this.#time.now) {
      this.#verdict.violate("leases", `${this.#owned(facts)} is rescued from a node whose lease has not run out.`);
    }
    facts.holder = null;
    shareOf(facts, nodeId).rescues += 1;
  }

  recorded(row: DeliveryRow, nodeId: NodeId, record: AttemptRecord): void {
    const { settled } = record;
    const facts = this.#facts.ofRow(row);
    this.#note(`recorded as ${settled.state} by ${this.#trace.nameOf(nodeId)}`, row);
    this.lastRecordAt = this.#time.now;
    if (facts.holder !== nodeId)
      this.#verdict.violate("fencing", `${this.#who(nodeId)} records ${this.#owned(facts)}.`);
    this.#checkTruth(facts, nodeId, record);
    facts.holder = null;
    facts.attempts += 1;
    if (settled.state === "due") facts.dueAt = settled.dueAt;
    else facts.state = settled.state;
  }

  /** In any period, claims are at most the limit, one second's worth, and the delay of a slow commit. */
  #checkRate({ subscriptionId, subscription: { name, rateLimit } }: DeliveryFacts): void {
    if (rateLimit === null) return;
    const times = this.#claimTimes.get(subscriptionId) ?? [];
    this.#claimTimes.set(subscriptionId, times);
    times.push(this.#time.now);
    for (const [index, from] of times.entries()) {
      const spanMs = this.#time.now - from + commitMsMax;
      if (times.length - index <= rateLimit + (spanMs * rateLimit) / 1_000) continue;
      const which = `${times.length - index} deliveries to ${name} are claimed since ${this.#trace.seconds(from)}`;
      this.#verdict.violate("rate limits", `${which}, at ${rateLimit} a second.`);
      return;
    }
  }

  #checkTruth(facts: DeliveryFacts, nodeId: NodeId, { attempt, settled }: AttemptRecord): void {
    const { requests } = shareOf(facts, nodeId);
    const at = requests.findIndex(({ startedAt, response }) => startedAt === attempt.startedAt && response !== null);
    const [request] = at === -1 ? [] : requests.splice(at, 1);
    const response = request?.response ?? null;
    const which = `attempt ${attempt.attemptNumber} of ${this.#trace.delivery(facts)}`;
    if (response === null) {
      this.#verdict.violate("records tell what happened", `${which} is on record before it was answered.`);
      return;
    }
    const isTrue = response.succeeded === attempt.succeeded && response.succeeded === (settled.state === "delivered");
    if (!isTrue || attempt.attemptNumber !== facts.attempts + 1) {
      const came = response.succeeded ? "succeeded" : "failed";
      this.#verdict.violate("records tell what happened", `${which} ${came} and is recorded as ${settled.state}.`);
    }
    const { retryDelaysMs } = facts.subscription;
    const delayMs = retryDelaysMs[facts.attempts - facts.cutOffs];
    if (response.isCutOff) {
      facts.cutOffs += 1;
      if (settled.state !== "due") this.#verdict.violate("the schedule", `${which} was cut off, and is the last.`);
      return;
    }
    if (settled.state === "failed" && delayMs !== undefined) {
      this.#verdict.violate("the schedule", `${which} was the last, although the schedule has more.`);
    }
    if (settled.state !== "due") return;
    if (delayMs === undefined) this.#verdict.violate("the schedule", `${which} is to be followed by one too many.`);
    else if (settled.dueAt < response.at + Math.max(delayMs, response.retryAfterMs)) {
      this.#verdict.violate("the schedule", `the attempt after ${which} is planned before its time.`);
    }
  }

  #note(what: string, { message, subscriptionId }: DeliveryRow): void {
    this.#trace.note("db", `${this.#trace.delivery({ messageId: message.id, subscriptionId })} ${what}`);
  }

  #who(nodeId: NodeId): string {
    return this.#trace.nameOf(nodeId);
  }

  #owned(facts: DeliveryFacts): string {
    const holder = facts.holder === null ? "no node" : this.#trace.nameOf(facts.holder);
    return `${this.#trace.delivery(facts)}, which ${holder} holds`;
  }
}
