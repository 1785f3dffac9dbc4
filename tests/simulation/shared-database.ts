// A model of the database that the nodes share: the promises of a store, in memory, one commit at a time. A watcher is
// notified of every change of a delivery, so that its view does not depend on the rules here.

import type { MessageId, NodeId, SubscriptionId } from "../../packages/server/src/domain/id.ts";
import type { Message } from "../../packages/server/src/domain/message.ts";
import { type RateBucket, rateGrant, takeTokens } from "../../packages/server/src/domain/rate-limit.ts";
import type { AttemptRecord } from "../../packages/server/src/store/attempts/interface.ts";
import type { Batch, BatchResponse, Command } from "../../packages/server/src/store/commit/batch.ts";
import { CommitEffects } from "../../packages/server/src/store/commit/commit-effects.ts";
import type { DueLane, LaneClaim, LaneRoom } from "../../packages/server/src/store/deliveries/interface.ts";
import type { AcceptResult } from "../../packages/server/src/store/messages/interface.ts";
import type { OperationName, Params } from "../../packages/server/src/store/operations.ts";
import type { DatabaseRules } from "./database-rules.ts";
import { byMessage, claimedDelivery, type DeliveryRow, rowKey } from "./delivery-row.ts";
import type { SimulatedSubscription } from "./subscription.ts";

/** The notifications of the database about its commits. */
export interface CommitWatch {
  leased(nodeId: NodeId, leaseUntil: number): void;
  created(row: DeliveryRow): void;
  claimed(row: DeliveryRow, nodeId: NodeId): void;
  released(row: DeliveryRow, nodeId: NodeId): void;
  rescued(row: DeliveryRow, nodeId: NodeId): void;
  recorded(row: DeliveryRow, nodeId: NodeId, record: AttemptRecord): void;
}

export class SharedDatabase {
  readonly subscriptions: ReadonlyMap<SubscriptionId, SimulatedSubscription>;
  readonly rows = new Map<string, DeliveryRow>();
  /** Rows that are due or claimed, by subscription. */
  readonly #open = new Map<SubscriptionId, Set<DeliveryRow>>();
  readonly #buckets = new Map<SubscriptionId, RateBucket>();
  readonly #leases = new Map<NodeId, number>();
  /** The order of messages: each with the one before it. */
  readonly #after = new Map<MessageId, MessageId>();
  readonly #listeners: ((subscriptionId: SubscriptionId) => void)[] = [];
  readonly #rules: DatabaseRules;
  readonly #watch: CommitWatch;
  #nodeId: NodeId | null = null;

  constructor(
    subscriptions: ReadonlyMap<SubscriptionId, SimulatedSubscription>,
    rules: DatabaseRules,
    watch: CommitWatch,
  ) {
    this.subscriptions = subscriptions;
    this.#rules = rules;
    this.#watch = watch;
    for (const id of subscriptions.keys()) this.#open.set(id, new Set());
  }

  /** A message that will be accepted follows another, like the events of one job. */
  follow(messageId: MessageId, before: MessageId): void {
    this.#after.set(messageId, before);
  }

  onChange(listener: (subscriptionId: SubscriptionId) => void): void {
    this.#listeners.push(listener);
  }

  /** A subscription was changed, for example by a rotated secret: its cached target is outdated. */
  change(subscriptionId: SubscriptionId): void {
    for (const listener of this.#listeners) listener(subscriptionId);
  }

  /** Every due or claimed delivery. */
  *unfinished(): Generator<DeliveryRow> {
    for (const rows of this.#open.values()) yield* rows;
  }

  commit({ room, commands }: Batch): BatchResponse {
    const mayClaim = room !== null && this.#rules.mayClaim(this.#leases.get(room.nodeId));
    this.#nodeId = mayClaim ? room.nodeId : null;
    const effects = new CommitEffects(mayClaim ? room : null);
    const results = commands.map((command) => ({ ok: true as const, value: this.#run(command, effects) }));
    const { claimed, backlogged, drained, changed } = effects;
    return {
      results,
      claimed,
      backlogged: [...backlogged],
      drained: [...drained],
      changed: [...changed],
      streamed: [],
      fanOutWaits: false,
    };
  }

  findDueLanes(): DueLane[] {
    const lanes: DueLane[] = [];
    for (const [subscriptionId, rows] of this.#open) {
      let next: DeliveryRow | null = null;
      for (const row of rows)
        if (row.state === "due" && row.dueAt < (next?.dueAt ?? Number.POSITIVE_INFINITY)) next = row;
      if (next === null) continue;
      lanes.push({ subscriptionId, organizationId: next.message.organizationId, dueAt: next.dueAt });
    }
    return lanes.sort((a, b) => a.dueAt - b.dueAt);
  }

  #run({ name, params }: Command, effects: CommitEffects): unknown {
    switch (name) {
      case "recordHeartbeat":
        return this.#recordHeartbeat(params as Params<"recordHeartbeat">);
      case "rescueDeliveries":
        return this.#rescue(params as Params<"rescueDeliveries">);
      case "releaseDeliveries":
        return this.#release(params as Params<"releaseDeliveries">);
      case "claimDue":
        return this.#claimDue(params as Params<"claimDue">, effects);
      case "recordAttempts":
        return this.#record(params as Params<"recordAttempts">);
      case "acceptMessages":
        return this.#accept(params as Params<"acceptMessages">, effects);
      default:
        throw new Error(`The simulated database cannot ${name satisfies OperationName}.`);
    }
  }

  #recordHeartbeat({ nodeId, leaseUntil, now, isNew }: Params<"recordHeartbeat">): boolean {
    const known = this.#leases.get(nodeId);
    if (!isNew && (known === undefined || this.#rules.isExpired(known, now))) return false;
    this.#leases.set(nodeId, leaseUntil);
    this.#watch.leased(nodeId, leaseUntil);
    return true;
  }

  #rescue({ now, limit }: Params<"rescueDeliveries">): number {
    const dead = [...this.#leases].filter(([, until]) => this.#rules.isExpired(until, now)).map(([id]) => id);
    if (dead.length === 0) return 0;
    let rescued = 0;
    for (const row of this.unfinished()) {
      if (rescued === limit || row.state !== "claimed" || row.nodeId === null || !dead.includes(row.nodeId)) continue;
      const { nodeId } = row;
      this.#free(row);
      this.#watch.rescued(row, nodeId);
      rescued += 1;
    }
    if (rescued < limit) for (const id of dead) this.#leases.delete(id);
    return rescued;
  }

  #release({ nodeId, deliveries }: Params<"releaseDeliveries">): number {
    let released = 0;
    for (const key of this.#rules.released(deliveries)) {
      const row = this.rows.get(rowKey(key));
      if (row === undefined || !this.#rules.isClaimedBy(row, nodeId)) continue;
      this.#free(row);
      this.#watch.released(row, nodeId);
      released += 1;
    }
    return released;
  }

  #claimDue({ nodeId, now, lanes }: Params<"claimDue">, effects: CommitEffects): LaneClaim[] {
    if (this.#nodeId === null)
      return lanes.map(({ subscriptionId }) => ({ subscriptionId, claimed: 0, drained: false }));
    return lanes.map((lane) => this.#claimLane(lane, nodeId, now, effects));
  }

  #claimLane(
    { subscriptionId, limit: room, startingMax = room, byHandOnly }: LaneRoom,
    nodeId: NodeId,
    now: number,
    effects: CommitEffects,
  ): LaneClaim {
    // The simulation has no requested deliveries.
    if (byHandOnly === true) return { subscriptionId, claimed: 0, drained: false };
    const { ordered = false, rateLimit = null } = this.subscriptions.get(subscriptionId) ?? {};
    const grant = rateLimit === null ? null : rateGrant(this.#buckets.get(subscriptionId) ?? null, rateLimit, now);
    const requested = grant === null ? room : Math.min(room, startingMax);
    const limit = grant === null ? room : this.#rules.rateLimited(requested, grant.deliveries);
    const open = [...(this.#open.get(subscriptionId) ?? [])];
    const rows = ordered ? this.#nextInOrder(open, now, limit) : this.#nextDue(open, nodeId, now, limit);
    for (const row of rows) {
      this.#watch.claimed(row, nodeId);
      row.state = "claimed";
      row.nodeId = nodeId;
    }
    if (grant !== null) this.#buckets.set(subscriptionId, takeTokens(grant.bucket, rows.length));
    const isLeft = open.some((row) => row.state === "due" && this.#rules.isDueAt(row, now));
    const drained = rows.length < limit && !isLeft;
    effects.claim(
      subscriptionId,
      rows.map((row) => claimedDelivery(row, ordered)),
      drained,
    );
    const isCut = grant !== null && !drained && rows.length === limit && limit < requested;
    return {
      subscriptionId,
      claimed: rows.length,
      drained,
      ...(isCut && { nextTokenAt: grant.nextTokenAt(rows.length) }),
    };
  }

  #nextDue(open: readonly DeliveryRow[], nodeId: NodeId, now: number, limit: number): DeliveryRow[] {
    return open
      .filter((row) => this.#rules.isFree(row) && this.#rules.isDueAt(row, now))
      .filter((row) => !this.#rules.mustWait(this.#before(row), nodeId))
      .sort((a, b) => a.dueAt - b.dueAt || byMessage(a, b))
      .slice(0, limit);
  }

  #nextInOrder(open: readonly DeliveryRow[], now: number, limit: number): DeliveryRow[] {
    const owned = open.filter((row) => row.state === "claimed").length;
    const rows = open
      .filter((row) => this.#rules.isFree(row))
      .sort(byMessage)
      .slice(0, this.#rules.orderedLimit(owned, limit));
    const end = rows.findIndex((row) => !this.#rules.isDueAt(row, now));
    return end === -1 ? rows : rows.slice(0, end);
  }

  #record({ nodeId, records }: Params<"recordAttempts">): boolean[] {
    return records.map((record) => {
      const row = this.rows.get(rowKey(record.attempt));
      const { attempt, settled } = record;
      if (row === undefined || !this.#rules.isClaimedBy(row, nodeId)) return false;
      if (!this.#rules.isNext(row, attempt.attemptNumber)) return false;
      this.#watch.recorded(row, nodeId, record);
      row.state = settled.state;
      row.nodeId = null;
      row.attempts = attempt.attemptNumber;
      if (settled.state === "due") {
        row.dueAt = settled.dueAt;
        row.scheduleStep = settled.scheduleStep;
      } else {
        this.#open.get(row.subscriptionId)?.delete(row);
      }
      return true;
    });
  }

  #accept({ messages }: Params<"acceptMessages">, effects: CommitEffects): AcceptResult {
    for (const message of messages) {
      for (const subscription of this.subscriptions.values()) {
        if (subscription.eventTypes.includes(message.eventType)) this.#fanOut(message, subscription, effects);
      }
    }
    const accepted = messages.map(({ id, createdAt }) => ({ id, createdAt, duplicate: false }));
    return { kind: "accepted", messages: accepted };
  }

  #fanOut(
    message: Message,
    { id: subscriptionId, ordered, rateLimit }: SimulatedSubscription,
    effects: CommitEffects,
  ): void {
    const afterId = this.#after.get(message.id) ?? null;
    const { createdAt: dueAt } = message;
    const fresh = { attempts: 0, scheduleStep: 0, dueAt, nodeId: null };
    const row: DeliveryRow = { message, subscriptionId, afterId, state: "due", ...fresh };
    this.rows.set(rowKey({ messageId: message.id, subscriptionId }), row);
    this.#open.get(subscriptionId)?.add(row);
    this.#watch.created(row);
    const isHandedOver = !ordered && rateLimit === null;
    const claims =
      isHandedOver &&
      effects.takes(subscriptionId, message.organizationId) &&
      !this.#rules.mustWait(this.#before(row), effects.nodeId);
    if (!claims || this.#nodeId === null) {
      effects.leaveInBacklog(subscriptionId);
      return;
    }
    this.#watch.claimed(row, this.#nodeId);
    row.state = "claimed";
    row.nodeId = this.#nodeId;
    effects.handOver(claimedDelivery(row, false));
  }

  #before(row: DeliveryRow): DeliveryRow | null {
    if (row.afterId === null) return null;
    return this.rows.get(rowKey({ messageId: row.afterId, subscriptionId: row.subscriptionId })) ?? null;
  }

  #free(row: DeliveryRow): void {
    row.state = "due";
    row.nodeId = null;
  }
}
