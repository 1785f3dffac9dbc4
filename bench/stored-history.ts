import { randomBytes } from "node:crypto";
import type { Attempt } from "../packages/server/src/domain/attempt.ts";
import { idSource, type NewId, type OrganizationId, type SubscriptionId } from "../packages/server/src/domain/id.ts";
import type { PublishedEvent } from "../packages/server/src/domain/message.ts";
import type { StoredDelivery, StoredMessage } from "./database.ts";
import { payloadText } from "./event-requests.ts";

/** The length of a history: well within Weft's retention. */
export const historyMs = 60 * 86_400_000;

/** The share of ten messages with this type; the rare type is one in ten thousand. */
export const historyTypes = {
  common: "sync.completed",
  second: "sync.running",
  third: "sync.pending",
  rare: "collection.deleted",
};
const typesOfTen = [..."cccccc", ..."ss", ..."tt"];
const rareEvery = 10_000;

const retriedEvery = 100;
/** Once, half-way, a receiver was down for a while: its deliveries of that time have failed. */
const outage = { from: 0.5, to: 0.501, attempts: 5 };

const subscriptionUrl = "https://hooks.example.com/weft";

export interface History {
  readonly count: number;
  readonly organizationId: OrganizationId;
  /** By event type: its receivers. */
  readonly subscriptions: ReadonlyMap<string, SubscriptionId>;
  readonly until: number;
}

/** Messages spread evenly over the time, oldest first, each delivered to one subscription or failed. */
export function* storedHistory({ count, organizationId, subscriptions, until }: History): Generator<StoredMessage> {
  let now = 0;
  const newId = idSource(() => now, randomBytes);
  const payloads = Array.from({ length: 256 }, () => payloadText());
  for (let index = 0; index < count; index++) {
    now = Math.trunc(until - historyMs + (historyMs * index) / count);
    const eventType = typeAt(index);
    const subscriptionId = subscriptions.get(eventType);
    if (subscriptionId === undefined) throw new Error(`No subscription wants ${eventType}.`);
    const payload = payloads[index % payloads.length] ?? "";
    const message = { id: newId<"message">(), organizationId, eventType, eventId: null, payload, createdAt: now };
    const share = index / count;
    const isFailed = share >= outage.from && share < outage.to;
    const attempts = isFailed ? outage.attempts : index % retriedEvery === 1 ? 2 : 1;
    yield { message, deliveries: [deliveryOf(message, { subscriptionId, isFailed, attempts, newId })] };
  }
}

function typeAt(index: number): string {
  const { common, second, third, rare } = historyTypes;
  if (index % rareEvery === 0) return rare;
  const letter = typesOfTen[index % typesOfTen.length];
  return letter === "c" ? common : letter === "s" ? second : third;
}

interface StoredOutcome {
  readonly subscriptionId: SubscriptionId;
  readonly isFailed: boolean;
  readonly attempts: number;
  readonly newId: NewId;
}

function deliveryOf(message: PublishedEvent, outcome: StoredOutcome): StoredDelivery {
  const { subscriptionId, isFailed, attempts, newId } = outcome;
  return {
    subscriptionId,
    state: isFailed ? "failed" : "delivered",
    dueAt: message.createdAt,
    attempts: Array.from({ length: attempts }, (_, index): Attempt => {
      const succeeded = !isFailed && index === attempts - 1;
      return {
        id: newId<"attempt">(),
        organizationId: message.organizationId,
        messageId: message.id,
        subscriptionId,
        url: subscriptionUrl,
        succeeded,
        responseStatus: succeeded ? 204 : 503,
        responseBody: succeeded ? "" : "Service Unavailable",
        responseHeaders: "content-length: 0\ndate: Thu, 15 Jan 2026 14:30:00 GMT",
        error: null,
        startedAt: message.createdAt,
        durationMs: 12,
        attemptNumber: index + 1,
        trigger: "scheduled",
        nextAttemptAt: null,
      };
    }),
  };
}
