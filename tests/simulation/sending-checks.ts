import { outcomeOf } from "../../packages/server/src/domain/attempt-outcome.ts";
import {
  type Circuit,
  circuitAfter,
  closedCircuit,
  mayPass,
  withTrial,
} from "../../packages/server/src/domain/circuit.ts";
import type { Exchange } from "../../packages/server/src/domain/exchange.ts";
import type { NodeId, SubscriptionId } from "../../packages/server/src/domain/id.ts";
import { firstPace, type LanePace, paceAfter, paceOfReturn } from "../../packages/server/src/domain/lane.ts";
import { limits } from "../../packages/server/src/domain/limits.ts";
import { type AllFacts, type DeliveryFacts, type NodeShare, type RequestFacts, shareOf } from "./delivery-facts.ts";
import { PaceChecks } from "./pace-checks.ts";
import type { Sending, SendingWatch } from "./simulated-network.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import type { Trace } from "./trace.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Watches every request of one node: whether it may be sent at all, now, concurrently with the others, and in this
 * order.
 */
export class SendingChecks implements SendingWatch {
  readonly #nodeId: NodeId;
  readonly #facts: AllFacts;
  readonly #verdict: Verdict;
  readonly #trace: Trace;
  readonly #time: SimulatedTime;
  readonly #paces = new Map<SubscriptionId, LanePace>();
  /** With the shortest delays that an engine may select. */
  readonly #circuits = new Map<SubscriptionId, Circuit>();
  readonly #underWay = new Map<SubscriptionId, number>();
  readonly #lostLanes = new Set<SubscriptionId>();
  readonly #requestFacts = new WeakMap<Sending, RequestFacts>();
  readonly #pace: PaceChecks;
  #requests = 0;
  #learnedExpiredAt = Number.NEGATIVE_INFINITY;
  lastAt = 0;

  constructor(nodeId: NodeId, facts: AllFacts, context: { verdict: Verdict; trace: Trace; time: SimulatedTime }) {
    this.#nodeId = nodeId;
    this.#facts = facts;
    this.#verdict = context.verdict;
    this.#trace = context.trace;
    this.#time = context.time;
    this.#pace = new PaceChecks(context, () => this.#name);
  }

  /** The node has learned that its lease had run out. */
  learnedExpired(): void {
    this.#note("hears that its lease had run out");
    this.#learnedExpiredAt = this.#time.now;
  }

  /** The node has learned that it no longer holds a delivery to this subscription. */
  learnedLost(subscriptionId: SubscriptionId): void {
    this.#note(`hears that it lost a delivery to ${this.#trace.nameOf(subscriptionId)}`);
    this.#lostLanes.add(subscriptionId);
  }

  /** The node has learned that this subscription was changed: its circuit closes. */
  learnedChanged(subscriptionId: SubscriptionId): void {
    if (this.#circuitOf(subscriptionId).state !== "closed") this.#closeCircuit(subscriptionId);
  }

  started(sending: Sending): void {
    this.lastAt = this.#time.now;
    this.#note(`sends ${this.#trace.delivery(sending)}`);
    const facts = this.#facts.find(sending);
    if (facts === null) throw new Error("A request for a delivery that was never made.");
    const share = shareOf(facts, this.#nodeId);
    share.starts += 1;
    const request: RequestFacts = { startedAt: this.#time.now, isReceived: false, response: null };
    share.requests.push(request);
    this.#requestFacts.set(sending, request);
    this.#checkClaim(facts, share);
    this.#checkCircuit(facts);
    this.#checkConcurrency(facts);
    this.#pace.started(facts.subscriptionId, this.#time.now);
    this.#checkJobOrder(facts);
    if (facts.subscription.ordered) this.#checkOrdered(facts);
    facts.firstStartAt ??= this.#time.now;
  }

  received(sending: Sending, succeeded: boolean): void {
    this.#trace.note(this.#trace.nameOf(sending.subscriptionId), `gets ${this.#trace.delivery(sending)}`);
    const facts = this.#facts.find(sending);
    if (facts !== null && succeeded) facts.receipts += 1;
    const request = this.#requestFacts.get(sending);
    if (request !== undefined) request.isReceived = true;
  }

  finished(sending: Sending, exchange: Exchange): void {
    const { now } = this.#time;
    this.lastAt = now;
    const came = exchange.kind === "answered" ? String(exchange.status) : exchange.reason;
    this.#note(`hears ${came} for ${this.#trace.delivery(sending)}`);
    const { subscriptionId } = sending;
    const outcome = outcomeOf(exchange, now);
    if (exchange.kind === "answered") {
      const isRefusal = exchange.status === 429;
      const restMs = outcome.kind === "rejected" ? outcome.retryAfterMs : null;
      this.#pace.received(subscriptionId, { isRefusal, retryAfterMs: restMs }, now);
    }
    const startedAt = this.#requestFacts.get(sending)?.startedAt ?? now;
    this.#paces.set(subscriptionId, paceAfter(this.#paceOf(subscriptionId), { outcome, startedAt }, now));
    const before = this.#circuitOf(subscriptionId);
    const after = circuitAfter(before, outcome, now, 0);
    this.#circuits.set(subscriptionId, after);
    if (after.state === "open" && before.state === "closed")
      this.#note(`has an open circuit to ${this.#trace.nameOf(subscriptionId)}`);
    if (after.state === "closed" && before.state !== "closed") this.#closeCircuit(subscriptionId);
    this.#underWay.set(subscriptionId, (this.#underWay.get(subscriptionId) ?? 1) - 1);
    this.#requests -= 1;
    const request = this.#requestFacts.get(sending);
    if (request === undefined) return;
    const retryAfterMs = outcome.kind === "rejected" ? (outcome.retryAfterMs ?? 0) : 0;
    const isCutOff = outcome.kind === "unreachable" && outcome.reason === "aborted";
    request.response = { at: now, succeeded: outcome.kind === "accepted", retryAfterMs, isCutOff };
  }

  /**
   * The node is alive, or was stopped properly: every request to its receivers is recorded. If a delivery was rescued from
   * it, another node has the record.
   */
  checkRecorded(): void {
    for (const facts of this.#facts.all()) {
      const share = facts.nodes.get(this.#nodeId);
      if (share === undefined || share.rescues > 0 || !share.requests.some(({ isReceived }) => isReceived)) continue;
      const which = `${this.#name} sent ${this.#trace.delivery(facts)}`;
      this.#verdict.violate("no unrecorded requests", `${which}, which its receiver got, and no attempt is on record.`);
    }
  }

  #checkClaim(facts: DeliveryFacts, share: NodeShare): void {
    const which = `${this.#name} sends ${this.#trace.delivery(facts)}`;
    if (share.starts > share.claims) {
      this.#verdict.violate("no needless duplicates", `${which} more often than it claimed it.`);
    } else if (facts.holder === this.#nodeId) {
      if (facts.dueAt > this.#time.now) {
        this.#verdict.violate("the schedule", `${which} before it is due, at ${this.#trace.seconds(facts.dueAt)}.`);
      }
    } else if (share.rescues === 0) {
      this.#verdict.violate("no needless duplicates", `${which}, which it no longer holds.`);
    } else if (share.claimedAt < this.#learnedExpiredAt) {
      this.#verdict.violate("no needless duplicates", `${which} after it heard that it had lost it.`);
    }
  }

  #checkCircuit({ subscriptionId, subscription }: DeliveryFacts): void {
    const circuit = this.#circuitOf(subscriptionId);
    if (mayPass(circuit, this.#time.now)) this.#circuits.set(subscriptionId, withTrial(circuit));
    else {
      const which = `${this.#name} sends to ${subscription.name}, whose circuit is`;
      this.#verdict.violate("open circuits", `${which} ${circuit.state}.`);
    }
  }

  #checkConcurrency({ subscriptionId, subscription }: DeliveryFacts): void {
    const underWay = (this.#underWay.get(subscriptionId) ?? 0) + 1;
    this.#underWay.set(subscriptionId, underWay);
    this.#requests += 1;
    const pace = this.#paceOf(subscriptionId);
    const allowed = subscription.ordered ? 1 : pace.concurrency;
    const which = `${this.#name} has ${underWay} requests under way to ${subscription.name}`;
    if (underWay > allowed) this.#verdict.violate("bounded concurrency", `${which}, where ${allowed} may be.`);
    if (this.#requests > limits.nodeConcurrencyMax) {
      this.#verdict.violate("bounded concurrency", `${this.#name} has ${this.#requests} requests under way.`);
    }
  }

  #checkJobOrder({ afterId, subscriptionId, firstStartAt, messageId }: DeliveryFacts): void {
    if (afterId === null || firstStartAt !== null) return;
    const before = this.#facts.find({ messageId: afterId, subscriptionId });
    if (before === null || before.firstStartAt !== null || before.state !== "open") return;
    const which = this.#trace.delivery({ messageId, subscriptionId });
    this.#verdict.violate("order within a job", `${this.#name} sends ${which} before ${this.#trace.delivery(before)}.`);
  }

  #checkOrdered(facts: DeliveryFacts): void {
    const which = `${this.#name} sends ${this.#trace.delivery(facts)}`;
    if (facts.holder !== this.#nodeId) {
      if (!this.#lostLanes.has(facts.subscriptionId)) return;
      this.#verdict.violate("ordered subscriptions", `${which} although it heard that it had lost the one before.`);
      return;
    }
    this.#lostLanes.delete(facts.subscriptionId);
    for (const other of this.#facts.to(facts.subscriptionId)) {
      if (other === facts || other.state !== "open") continue;
      const isUnderWay = other.holder !== null && isAwaited(other, other.holder);
      const goesBefore = other.messageId < facts.messageId && other.createdOrder < facts.claimedOrder;
      if (isUnderWay) {
        this.#verdict.violate("ordered subscriptions", `${which} while ${this.#trace.delivery(other)} is under way.`);
      } else if (goesBefore) {
        this.#verdict.violate("ordered subscriptions", `${which} before ${this.#trace.delivery(other)} is finished.`);
      }
    }
  }

  #circuitOf(subscriptionId: SubscriptionId): Circuit {
    return this.#circuits.get(subscriptionId) ?? closedCircuit;
  }

  #closeCircuit(subscriptionId: SubscriptionId): void {
    this.#circuits.set(subscriptionId, closedCircuit);
    this.#paces.set(subscriptionId, paceOfReturn(this.#paceOf(subscriptionId)));
  }

  #paceOf(subscriptionId: SubscriptionId): LanePace {
    return this.#paces.get(subscriptionId) ?? firstPace;
  }

  get #name(): string {
    return this.#trace.nameOf(this.#nodeId);
  }

  #note(what: string): void {
    this.#trace.note(this.#name, what);
  }
}

function isAwaited(facts: DeliveryFacts, holder: NodeId): boolean {
  const share = shareOf(facts, holder);
  return share.starts > share.startsBefore && share.requests.some(({ response }) => response === null);
}
