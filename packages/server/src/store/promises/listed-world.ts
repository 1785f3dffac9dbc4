import type { Attempt } from "../../domain/attempt.ts";
import { type DeliveryState, progressOf, type SettledDelivery } from "../../domain/delivery.ts";
import { matchesPattern } from "../../domain/event-pattern.ts";
import { type AttemptId, type MessageId, type SubscriptionId, timeOfId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { ListAttemptItems, ListAttempts } from "../attempts/interface.ts";
import type { CountedDeliveries, ListDeliveries } from "../deliveries/interface.ts";
import type { ListMessages } from "../messages/interface.ts";
import { type OpenStore, World } from "./samples.ts";

export const eventTypes = ["sync.completed", "sync.failed", "collection.created", "quiet"] as const;

/** Something that happens in a world whose lists are looked at. An index stands for whatever there is, taken modulo. */
export type Step =
  | { readonly kind: "accept"; readonly eventType: string; readonly words: readonly string[] | null }
  | {
      readonly kind: "settle";
      readonly subscription: number;
      readonly count: number;
      /** `held`: claimed, and its end not yet on record. */
      readonly outcome: "delivered" | "failed" | "due" | "held";
      /** What a receiver that refuses answers; 0 for nothing. */
      readonly refusal: number;
    }
  | { readonly kind: "resend"; readonly message: number; readonly subscription: number }
  | { readonly kind: "disable"; readonly subscription: number }
  | { readonly kind: "wait" };

interface KnownDelivery {
  readonly messageId: MessageId;
  readonly subscriptionId: SubscriptionId;
  state: DeliveryState;
  attempts: number;
}

/** A store, and in memory what its lists should show: written down plainly, without an index. */
export class ListedWorld implements AsyncDisposable {
  readonly world: World;
  readonly #subscriptions: Subscription[] = [];
  readonly #disabled = new Set<SubscriptionId>();
  readonly #messages: Message[] = [];
  readonly #deliveries: KnownDelivery[] = [];
  readonly #attempts: Attempt[] = [];

  private constructor(world: World) {
    this.world = world;
  }

  static async open(open: OpenStore): Promise<ListedWorld> {
    const listed = new ListedWorld(await World.open(open));
    for (const wanted of [["sync.*"], ["sync.failed"], ["sync.*", "collection.created"]]) {
      listed.#subscriptions.push(await listed.world.subscribe({ eventTypes: wanted }));
    }
    // Somebody else's, of which no list of ours may show anything.
    const other = await listed.world.addOrganization();
    await listed.world.subscribe({ organizationId: other });
    await listed.world.accept({ organizationId: other });
    return listed;
  }

  get first(): SubscriptionId {
    return this.#at(this.#subscriptions, 0).id;
  }

  subscriptionAt(index: number | null): SubscriptionId | null {
    return index === null ? null : this.#at(this.#subscriptions, index).id;
  }

  messageAt(index: number | null): MessageId | null {
    return index === null || this.#messages.length === 0 ? null : this.#at(this.#messages, index).id;
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case "accept":
        return await this.#accept(step.eventType, step.words);
      case "settle":
        return await this.#settle(this.#at(this.#subscriptions, step.subscription).id, step);
      case "resend":
        return await this.#resend(this.messageAt(step.message), this.#at(this.#subscriptions, step.subscription).id);
      case "disable":
        return await this.#disable(this.#at(this.#subscriptions, step.subscription));
      case "wait":
        this.world.now += 1;
    }
  }

  /** By the definitions, over everything that is known. */
  expectedMessages(filters: Omit<ListMessages, "organizationId" | "limit" | "cursor">): MessageId[] {
    const { since, until, subscriptionId, status, oldestFirst } = filters;
    const shown = this.#messages.filter((message) => {
      const deliveries = this.#deliveries.filter(
        (delivery) =>
          delivery.messageId === message.id && (subscriptionId === null || delivery.subscriptionId === subscriptionId),
      );
      const has = (...states: DeliveryState[]) => deliveries.some((delivery) => states.includes(delivery.state));
      if (!this.#passes(message.id, filters)) return false;
      if (since !== null && message.createdAt < since) return false;
      if (until !== null && message.createdAt >= until) return false;
      if (subscriptionId !== null && deliveries.length === 0) return false;
      if (status === "failed") return has("failed");
      if (status === "pending") return has("due", "claimed");
      return status === null || (has("delivered") && !has("due", "claimed", "failed"));
    });
    const ids = shown.map((message) => message.id);
    return oldestFirst ? ids : ids.toReversed();
  }

  expectedAttempts(filters: Omit<ListAttemptItems, "organizationId" | "limit" | "cursor">): string[] {
    const { messageId, subscriptionId, status, since, until } = filters;
    const isMeant = (row: { messageId: MessageId; subscriptionId: SubscriptionId }, id: string) =>
      row.subscriptionId === subscriptionId &&
      (messageId === null || row.messageId === messageId) &&
      (since === null || timeOfId(id) >= since) &&
      (until === null || timeOfId(id) < until) &&
      this.#passes(row.messageId, { ...filters, channel: null, tag: null });
    const made = this.#attempts.filter(
      (attempt) => isMeant(attempt, attempt.id) && (status === null || attempt.succeeded === (status === "success")),
    );
    const pending = this.#deliveries.filter(
      (delivery) =>
        isMeant(delivery, delivery.messageId) && delivery.attempts === 0 && ["due", "claimed"].includes(delivery.state),
    );
    const ids = [
      ...(status === "pending" ? [] : made.map((attempt) => attempt.id)),
      ...(status === null || status === "pending" ? pending.map((delivery) => delivery.messageId) : []),
    ];
    return ids.sort().reverse();
  }

  expectedMadeAttempts(filters: Omit<ListAttempts, "organizationId" | "limit" | "cursor">): AttemptId[] {
    const { messageId, subscriptionId, outcome, statusClass, since, until, oldestFirst } = filters;
    const shown = this.#attempts.filter((attempt) => {
      const { state, attempts } = this.#known(attempt.messageId, attempt.subscriptionId);
      const waits = ["due", "claimed"].includes(state) && attempts === attempt.attemptNumber;
      const is = attempt.succeeded ? "succeeded" : waits ? "retrying" : "failed";
      if (messageId !== null && attempt.messageId !== messageId) return false;
      if (subscriptionId !== null && attempt.subscriptionId !== subscriptionId) return false;
      if (outcome !== null && is !== outcome) return false;
      if (statusClass !== null && Math.floor(attempt.responseStatus / 100) * 100 !== statusClass) return false;
      if (since !== null && timeOfId(attempt.id) < since) return false;
      if (until !== null && timeOfId(attempt.id) >= until) return false;
      return this.#passes(attempt.messageId, filters);
    });
    const ids = shown.map((attempt) => attempt.id).sort();
    return oldestFirst ? ids : ids.toReversed();
  }

  expectedDeliveries(filters: Omit<ListDeliveries, "organizationId" | "limit" | "cursor">): string[] {
    const { subscriptionId, progress, since, until, oldestFirst } = filters;
    const shown = this.#deliveries.filter((delivery) => {
      const { createdAt } = this.#message(delivery.messageId);
      if (delivery.subscriptionId !== subscriptionId) return false;
      if (progress !== null && progressOf(delivery) !== progress) return false;
      if (since !== null && createdAt < since) return false;
      if (until !== null && createdAt >= until) return false;
      return this.#passes(delivery.messageId, filters);
    });
    const lines = shown.map((delivery) => `${delivery.messageId} ${delivery.state} ${delivery.attempts}`).sort();
    return oldestFirst ? lines : lines.toReversed();
  }

  /** Where a message went, oldest subscription first. */
  expectedReceivers(messageId: MessageId): string[] {
    return this.#deliveries
      .filter((delivery) => delivery.messageId === messageId)
      .map((delivery) => `${delivery.subscriptionId} ${delivery.state} ${delivery.attempts}`)
      .sort();
  }

  expectedCounts(subscriptionId: SubscriptionId): CountedDeliveries & { made: number; failed: number } {
    const deliveries = this.#deliveries.filter((delivery) => delivery.subscriptionId === subscriptionId);
    const count = (progress: string) => deliveries.filter((delivery) => progressOf(delivery) === progress).length;
    const attempts = this.#attempts.filter((attempt) => attempt.subscriptionId === subscriptionId);
    return {
      made: attempts.length,
      failed: attempts.filter(({ succeeded }) => !succeeded).length,
      pending: count("pending"),
      retrying: count("retrying"),
      setAside: count("set_aside"),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }

  async #accept(eventType: string, words: readonly string[] | null): Promise<void> {
    const message = await this.world.accept({ eventType, channels: words, tags: words?.toReversed() ?? null });
    this.#messages.push(message);
    for (const { id, eventTypes: patterns } of this.#subscriptions) {
      if (!patterns.some((pattern) => matchesPattern(pattern, eventType))) continue;
      const state = this.#disabled.has(id) ? "skipped" : "due";
      this.#deliveries.push({ messageId: message.id, subscriptionId: id, state, attempts: 0 });
    }
  }

  async #settle(subscriptionId: SubscriptionId, { count, outcome, refusal }: Step & { kind: "settle" }): Promise<void> {
    const nodeId = await this.world.node();
    const claimed = await this.world.claim(nodeId, subscriptionId, count);
    const settled: SettledDelivery =
      outcome === "failed"
        ? { state: "failed", gone: false }
        : outcome === "due"
          ? { state: "due", dueAt: this.world.now, scheduleStep: 1 }
          : { state: "delivered" };
    for (const delivery of claimed) {
      const known = this.#known(delivery.messageId, subscriptionId);
      known.state = "claimed";
      if (outcome === "held") continue;
      const answer = outcome === "delivered" ? {} : { responseStatus: refusal };
      const record = this.world.record(delivery, settled, answer);
      await this.world.store.recordAttempts({ nodeId, records: [record], now: this.world.now });
      this.#attempts.push(record.attempt);
      known.state = outcome;
      known.attempts += 1;
    }
  }

  async #resend(messageId: MessageId | null, subscriptionId: SubscriptionId): Promise<void> {
    if (messageId === null) return;
    const { organizationId, now } = this.world;
    const result = await this.world.store.resendMessage({ organizationId, messageId, subscriptionId, now });
    if (result.kind !== "resent") return;
    const known = this.#known(messageId, subscriptionId);
    if (known.state !== "claimed") known.state = "due";
  }

  async #disable(subscription: Subscription): Promise<void> {
    const { id: subscriptionId, organizationId } = subscription;
    const changes = { disabledReason: "by_request" as const };
    await this.world.store.updateSubscription({
      organizationId,
      subscriptionId,
      changes,
      now: this.world.now,
      operationalEventIds: this.world.operationalEventIds,
    });
    this.#disabled.add(subscriptionId);
    for (const delivery of this.#deliveries) {
      if (delivery.subscriptionId === subscriptionId && delivery.state === "due") delivery.state = "skipped";
    }
  }

  #message(messageId: MessageId): Message {
    const known = this.#messages.find((message) => message.id === messageId);
    if (known === undefined) throw new Error("There is no such message.");
    return known;
  }

  #passes(
    messageId: MessageId,
    { eventTypes: wanted, channel, tag }: Pick<ListAttempts, "eventTypes" | "channel" | "tag">,
  ): boolean {
    const message = this.#message(messageId);
    return (
      (wanted === null || wanted.includes(message.eventType)) &&
      (channel === null || message.channels?.includes(channel) === true) &&
      (tag === null || message.tags?.includes(tag) === true)
    );
  }

  #known(messageId: MessageId, subscriptionId: SubscriptionId): KnownDelivery {
    const known = this.#deliveries.find(
      (delivery) => delivery.messageId === messageId && delivery.subscriptionId === subscriptionId,
    );
    if (known !== undefined) return known;
    const made: KnownDelivery = { messageId, subscriptionId, state: "due", attempts: 0 };
    this.#deliveries.push(made);
    return made;
  }

  #at<Item>(items: readonly Item[], index: number): Item {
    const item = items[index % items.length];
    if (item === undefined) throw new Error("There is nothing to choose from.");
    return item;
  }
}
