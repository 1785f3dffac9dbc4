import { randomBytes } from "node:crypto";
import { newOrganization } from "../../domain/account.ts";
import type { Attempt } from "../../domain/attempt.ts";
import type { ClaimedDelivery, SettledDelivery } from "../../domain/delivery.ts";
import {
  firstIdAt,
  idSource,
  type MessageId,
  type NodeId,
  type OrganizationId,
  type SubscriptionId,
} from "../../domain/id.ts";
import { type Message, newMessage } from "../../domain/message.ts";
import { newsOf, type TellingIds, tellingIds } from "../../domain/operational-event.ts";
import type { Recovery, RecoveryScope } from "../../domain/recovery.ts";
import { newSubscription, type Subscription } from "../../domain/subscription.ts";
import type { AttemptRecord } from "../delivery-store.ts";
import type { RecoverableOf } from "../recovery-store.ts";
import type { HandOver, HeldRoom, Store } from "../store.ts";

/** Opens stores for a chapter, the promises about one noun. */
export interface OpenStore {
  /** The store of the chapter. Its promises share it, each with organizations of its own. */
  (): Promise<Store>;
  /** An empty store, for a promise about more than its own organizations. */
  readonly fresh: () => Promise<Store>;
}

/** A moment at which the promises begin. Time is theirs: no promise looks at a real clock. */
export const t0 = Date.UTC(2026, 0, 1);

/** A store with one organization and what a promise needs to fill it. Ids follow the clock that a promise moves. */
/** A bound that no test reaches. */
export const unlimited = 1_000_000;

export class World implements AsyncDisposable {
  readonly store: Store;
  readonly organizationId: OrganizationId;
  now = t0;
  readonly newId = idSource(
    () => this.now,
    (size) => randomBytes(size),
  );

  /** For a change to a subscription. */
  get tellAs(): TellingIds {
    return tellingIds(this.newId);
  }

  private constructor(store: Store) {
    this.store = store;
    this.organizationId = this.newId<"organization">();
  }

  static async open(open: () => Promise<Store>): Promise<World> {
    const world = new World(await open());
    await world.addOrganization(world.organizationId);
    return world;
  }

  async addOrganization(id: OrganizationId = this.newId<"organization">()): Promise<OrganizationId> {
    await this.store.createOrganization({
      organization: newOrganization(id, this.now, { name: "Acme" }),
    });
    return id;
  }

  async subscribe(
    changes: Partial<Subscription> = {},
    secret = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=",
  ): Promise<Subscription> {
    const subscription = newSubscription({
      id: this.newId<"subscription">(),
      organizationId: this.organizationId,
      url: "https://example.com/hook",
      eventTypes: ["sync.*"],
      createdAt: this.now,
      ...changes,
    });
    await this.store.createSubscription({ subscription, secret, tellAs: this.tellAs, subscriptionsMax: unlimited });
    return subscription;
  }

  message(changes: Partial<Message> = {}): Message {
    return newMessage({
      id: this.newId<"message">(),
      organizationId: this.organizationId,
      eventType: "sync.completed",
      eventId: null,
      payload: '{"n":1}',
      createdAt: this.now,
      ...changes,
    });
  }

  /** Accepts one message and answers it. */
  async accept(changes: Partial<Message> = {}): Promise<Message> {
    const message = this.message(changes);
    await this.store.acceptMessages({
      organizationId: message.organizationId,
      messages: [message],
      idempotency: null,
      testOf: null,
    });
    return message;
  }

  /** A node that lives for an hour. */
  async node(leaseMs = 3_600_000): Promise<NodeId> {
    const nodeId = this.newId<"node">();
    await this.store.beatNode({ nodeId, leaseUntil: this.now + leaseMs, now: this.now, isNew: true });
    return nodeId;
  }

  /** Claims for a node that takes nothing else: what is accepted from here on waits as due rows. */
  async claim(nodeId: NodeId, subscriptionId: SubscriptionId, limit = 100): Promise<readonly ClaimedDelivery[]> {
    const engine = new NotingEngine(nodeId, 0);
    this.store.handOverTo(engine);
    await this.store.claimDue({ nodeId, now: this.now, lanes: [{ subscriptionId, limit }] });
    return engine.taken;
  }

  record(delivery: ClaimedDelivery, settled: SettledDelivery, changes: Partial<Attempt> = {}): AttemptRecord {
    const succeeded = settled.state === "delivered";
    return {
      settled,
      news: newsOf(delivery, settled, this.newId),
      attempt: {
        id: this.newId<"attempt">(),
        organizationId: delivery.organizationId,
        messageId: delivery.messageId,
        subscriptionId: delivery.subscriptionId,
        url: "https://example.com/hook",
        succeeded,
        responseStatus: succeeded ? 200 : 500,
        responseBody: "",
        error: null,
        startedAt: this.now,
        durationMs: 5,
        attemptNumber: delivery.attempts + 1,
        trigger: delivery.trigger,
        nextAttemptAt: settled.state === "due" ? settled.dueAt : null,
        ...changes,
      },
    };
  }

  /** Claims what is due in a lane, at most `limit`, and settles it. Answers how many. */
  async settleAll(subscriptionId: SubscriptionId, settled: SettledDelivery, limit = 100): Promise<number> {
    const nodeId = await this.node();
    const deliveries = await this.claim(nodeId, subscriptionId, limit);
    const records = deliveries.map((delivery) => this.record(delivery, settled));
    await this.store.recordAttempts({ nodeId, records, now: this.now });
    return records.length;
  }

  /** How many deliveries a recovery would make due. */
  async recoverable(params: RecoverableOf): Promise<number> {
    const found = await this.store.previewRecovery({ ...params, now: this.now, messagesMax: unlimited });
    return found.deliveries;
  }

  recovery(
    subscription: Subscription,
    since: number,
    until: number,
    scope: RecoveryScope = { kind: "undelivered" },
  ): Recovery {
    return {
      id: this.newId<"recovery">(),
      organizationId: subscription.organizationId,
      subscriptionId: subscription.id,
      status: "running",
      scope,
      since,
      until,
      total: 0,
      counted: 0,
      recovered: 0,
      cursor: firstIdAt<"message">(since),
      createdAt: this.now,
      updatedAt: this.now,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
  }
}

/** An engine that only notes what it is handed. */
export class NotingEngine implements HandOver {
  readonly nodeId: NodeId;
  readonly taken: ClaimedDelivery[] = [];
  readonly spilled: SubscriptionId[] = [];
  closed: SubscriptionId[] = [];
  readonly #room: HeldRoom;

  constructor(nodeId: NodeId, deliveries: number, bytes = Number.POSITIVE_INFINITY) {
    this.nodeId = nodeId;
    this.#room = { deliveries, bytes };
  }

  room(): HeldRoom {
    return {
      deliveries: Math.max(0, this.#room.deliveries - this.taken.length),
      bytes: Math.max(0, this.#room.bytes - this.takenBytes),
    };
  }

  get takenBytes(): number {
    return this.taken.reduce((sum, delivery) => sum + delivery.payload.length, 0);
  }

  closedLanes(): readonly SubscriptionId[] {
    return this.closed;
  }

  take(deliveries: readonly ClaimedDelivery[], spilled: readonly SubscriptionId[]): void {
    this.taken.push(...deliveries);
    this.spilled.push(...spilled);
  }

  get takenMessages(): MessageId[] {
    return this.taken.map((delivery) => delivery.messageId);
  }
}
