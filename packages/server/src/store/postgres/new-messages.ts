import { firstClaim } from "../../domain/delivery.ts";
import type { MessageId, NodeId, SubscriptionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { CommitNews } from "../commit-news.ts";
import { type Route, routesWanting, testRoute } from "../route.ts";
import { jsonOrNull } from "../sql.ts";
import type { PostgresSql } from "./postgres-sql.ts";

/** A message to be stored, and where it goes. */
export interface NewMessage {
  readonly message: Message;
  /** The subscription that a test event is for. */
  readonly testOf: SubscriptionId | null;
  /** The message that goes before this one; then nothing of it is handed over in memory. */
  readonly after: MessageId | null;
}

interface NewDelivery {
  readonly message: Message;
  readonly subscriptionId: SubscriptionId;
  readonly state: "claimed" | "due" | "skipped";
  readonly trigger: "test" | "scheduled";
  readonly nodeId: NodeId | null;
  readonly after: MessageId | null;
}

/**
 * Stores messages with a delivery for each subscription that wants one, in a statement for each table. Whoever made them
 * keeps their event ids.
 */
export async function insertMessages(
  sql: PostgresSql,
  news: CommitNews,
  messages: readonly NewMessage[],
  routesFor: (message: Message) => readonly Route[],
): Promise<void> {
  if (messages.length === 0) return;
  for (const { message } of messages) news.notes.message(message.organizationId, message.id);
  const deliveries = messages.flatMap((message) => fanOut(news, message, routesFor));
  await Promise.all([insertRows(sql, messages), insertDeliveries(sql, deliveries)]);
}

function fanOut(
  news: CommitNews,
  { message, testOf, after }: NewMessage,
  routesFor: (message: Message) => readonly Route[],
): NewDelivery[] {
  const routes = testOf === null ? routesWanting(message, routesFor(message)) : [testRoute(testOf)];
  const trigger = testOf === null ? "scheduled" : "test";
  const deliveries: NewDelivery[] = [];
  const isLater = message.deliverAt !== null;
  for (const { subscriptionId, enabled, handedOver } of routes) {
    const claims = enabled && handedOver && !isLater && after === null && news.takes(subscriptionId);
    const state = enabled ? (claims ? "claimed" : "due") : "skipped";
    deliveries.push({ message, subscriptionId, state, trigger, nodeId: claims ? news.nodeId : null, after });
    if (claims) news.handOver(firstClaim(message, subscriptionId, trigger));
    else if (enabled && !isLater) news.spill(subscriptionId);
  }
  return deliveries;
}

async function insertRows(sql: PostgresSql, messages: readonly NewMessage[]): Promise<void> {
  await sql.over(
    `insert into message (id, organization_id, event_type, event_id, payload, created_at, test_of, channels, tags,
       content_type, deliver_at, payload_until)
     select * from unnest(cast(? as uuid[]), cast(? as uuid[]), cast(? as text[]), cast(? as text[]), cast(? as text[]),
       cast(? as bigint[]), cast(? as uuid[]), cast(? as text[]), cast(? as text[]), cast(? as text[]), cast(? as bigint[]),
       cast(? as bigint[]))`,
    messages.map(({ message }) => message.id),
    messages.map(({ message }) => message.organizationId),
    messages.map(({ message }) => message.eventType),
    messages.map(({ message }) => message.eventId),
    messages.map(({ message }) => message.payload),
    messages.map(({ message }) => message.createdAt),
    messages.map(({ testOf }) => testOf),
    messages.map(({ message }) => jsonOrNull(message.channels)),
    messages.map(({ message }) => jsonOrNull(message.tags)),
    messages.map(({ message }) => message.contentType),
    messages.map(({ message }) => message.deliverAt),
    messages.map(({ message }) => message.payloadUntil),
  );
}

async function insertDeliveries(sql: PostgresSql, deliveries: readonly NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  await sql.over(
    `insert into delivery (message_id, subscription_id, organization_id, state, trigger, attempts, schedule_step, due_at,
       node_id, after_id)
     select message_id, subscription_id, organization_id, state, trigger, 0, 0, due_at, node_id, after_id
     from unnest(cast(? as uuid[]), cast(? as uuid[]), cast(? as uuid[]), cast(? as text[]), cast(? as text[]),
       cast(? as bigint[]), cast(? as uuid[]), cast(? as uuid[]))
       as made (message_id, subscription_id, organization_id, state, trigger, due_at, node_id, after_id)`,
    deliveries.map(({ message }) => message.id),
    deliveries.map(({ subscriptionId }) => subscriptionId),
    deliveries.map(({ message }) => message.organizationId),
    deliveries.map(({ state }) => state),
    deliveries.map(({ trigger }) => trigger),
    deliveries.map(({ message }) => message.deliverAt ?? message.createdAt),
    deliveries.map(({ nodeId }) => nodeId),
    deliveries.map(({ after }) => after),
  );
}
