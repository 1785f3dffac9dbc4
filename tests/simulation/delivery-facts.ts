import type { MessageId, NodeId, SubscriptionId } from "../../packages/server/src/domain/id.ts";
import type { DeliveryRow } from "./delivery-row.ts";
import { rowKey } from "./delivery-row.ts";
import type { SimulatedSubscription } from "./subscription.ts";

/** One request, as the network saw it. `response` is null while the node does not know its outcome. */
export interface RequestFacts {
  readonly startedAt: number;
  isReceived: boolean;
  response: {
    readonly at: number;
    readonly succeeded: boolean;
    readonly retryAfterMs: number;
    readonly isCutOff: boolean;
  } | null;
}

/** The history of one delivery at one node. */
export interface NodeShare {
  claims: number;
  starts: number;
  /** Starts when the latest claim was made. */
  startsBefore: number;
  claimedAt: number;
  /** Claims that were lost to a rescue. */
  rescues: number;
  /** Requests that are not recorded. */
  readonly requests: RequestFacts[];
}

/** The observed history of one delivery, apart from the database's own data. */
export interface DeliveryFacts {
  readonly messageId: MessageId;
  readonly subscriptionId: SubscriptionId;
  readonly subscription: SimulatedSubscription;
  readonly afterId: MessageId | null;
  readonly createdAt: number;
  /** Counts commits, so that it is known which of them a claim could see. */
  readonly createdOrder: number;
  claimedOrder: number;
  state: "open" | "delivered" | "failed";
  holder: NodeId | null;
  dueAt: number;
  attempts: number;
  /** Attempts that a stopping node aborted. They use no retry of the schedule. */
  cutOffs: number;
  firstStartAt: number | null;
  receipts: number;
  readonly nodes: Map<NodeId, NodeShare>;
}

/** The facts of every delivery, by message and subscription. */
export class AllFacts {
  readonly #facts = new Map<string, DeliveryFacts>();
  readonly #bySubscription = new Map<SubscriptionId, DeliveryFacts[]>();
  #order = 0;

  nextOrder(): number {
    this.#order += 1;
    return this.#order;
  }

  create(row: DeliveryRow, subscription: SimulatedSubscription, now: number): DeliveryFacts {
    const { message, subscriptionId, afterId, dueAt } = row;
    const facts: DeliveryFacts = {
      messageId: message.id,
      subscriptionId,
      subscription,
      afterId,
      createdAt: now,
      createdOrder: this.nextOrder(),
      claimedOrder: 0,
      state: "open",
      holder: null,
      dueAt,
      attempts: 0,
      cutOffs: 0,
      firstStartAt: null,
      receipts: 0,
      nodes: new Map(),
    };
    this.#facts.set(rowKey(facts), facts);
    const others = this.#bySubscription.get(subscriptionId) ?? [];
    others.push(facts);
    this.#bySubscription.set(subscriptionId, others);
    return facts;
  }

  find(key: { messageId: MessageId; subscriptionId: SubscriptionId }): DeliveryFacts | null {
    return this.#facts.get(rowKey(key)) ?? null;
  }

  ofRow({ message, subscriptionId }: DeliveryRow): DeliveryFacts {
    const facts = this.find({ messageId: message.id, subscriptionId });
    if (facts === null) throw new Error("A delivery that was never made.");
    return facts;
  }

  to(subscriptionId: SubscriptionId): readonly DeliveryFacts[] {
    return this.#bySubscription.get(subscriptionId) ?? [];
  }

  all(): Iterable<DeliveryFacts> {
    return this.#facts.values();
  }
}

export function shareOf(facts: DeliveryFacts, nodeId: NodeId): NodeShare {
  let share = facts.nodes.get(nodeId);
  if (share === undefined) {
    share = { claims: 0, starts: 0, startsBefore: 0, claimedAt: 0, rescues: 0, requests: [] };
    facts.nodes.set(nodeId, share);
  }
  return share;
}
