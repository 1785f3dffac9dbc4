import { firstClaim } from "../../domain/delivery.ts";
import type { MessageId, NodeId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { CommitEffects } from "../commit/commit-effects.ts";
import { matchingRoutes, type Route, testRoute } from "../fan-out/route.ts";
import { jsonOrNull } from "../sql.ts";
import type { PostgresSql } from "./postgres-sql.ts";

/** A message to be stored, and its routes. */
export interface NewMessage {
  readonly message: Message;
  /** The subscription that a test event is for. */
  readonly testOf: SubscriptionId | null;
  /** The message before this one; if there is one, no delivery of this one is handed over in memory. */
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
 * The routes of messages: the subscriptions that match their event types, and the organizations whose fan-outs wait.
 */
export interface FanOutRoutes {
  readonly routesFor: (message: Message) => readonly Route[];
  readonly waiting: ReadonlySet<OrganizationId>;
}

/**
 * Stores messages with a delivery for each matching subscription, in a statement for each table. A fan-out that is
 * too large for this commit waits for further ones, and later messages of its organization wait behind it. The caller
 * stores the event ids.
 */
export async function insertMessages(
  sql: PostgresSql,
  effects: CommitEffects,
  messages: readonly NewMessage[],
  { routesFor, waiting }: FanOutRoutes,
): Promise<void> {
  if (messages.length === 0) return;
  const deliveries: NewDelivery[] = [];
  const kept: NewMessage[] = [];
  const waits = new Set(waiting);
  for (const made of messages) {
    const { message, testOf, after } = made;
    const { organizationId } = message;
    effects.changeLog.message(organizationId, message.id);
    if (testOf !== null) {
      deliveries.push(...newDeliveries(effects, message, [testRoute(testOf)], { trigger: "test", after }));
      continue;
    }
    const routes = routesFor(message);
    if (waits.has(organizationId) || !effects.fanOut.spend(organizationId, routes.length)) {
      waits.add(organizationId);
      kept.push(made);
    } else {
      deliveries.push(
        ...newDeliveries(effects, message, matchingRoutes(message, routes), { trigger: "scheduled", after }),
      );
    }
  }
  effects.fanOutWaits ||= kept.length > 0;
  await Promise.all([insertRows(sql, messages), insertDeliveries(sql, deliveries), insertFanOuts(sql, kept)]);
}

/** Stores deliveries of a message that already exists. */
export async function deliver(
  sql: PostgresSql,
  effects: CommitEffects,
  message: Message,
  { routes, after }: { routes: readonly Route[]; after: MessageId | null },
): Promise<void> {
  await insertDeliveries(sql, newDeliveries(effects, message, routes, { trigger: "scheduled", after }));
}

function newDeliveries(
  effects: CommitEffects,
  message: Message,
  routes: readonly Route[],
  { trigger, after }: Pick<NewDelivery, "trigger" | "after">,
): NewDelivery[] {
  const isLater = message.deliverAt !== null;
  return routes.map(({ subscriptionId, enabled, handedOver }) => {
    const claims =
      enabled && handedOver && !isLater && after === null && effects.takes(subscriptionId, message.organizationId);
    const state = enabled ? (claims ? "claimed" : "due") : "skipped";
    if (claims) effects.handOver(firstClaim(message, subscriptionId, trigger));
    else if (enabled && !isLater) effects.leaveInBacklog(subscriptionId);
    return { message, subscriptionId, state, trigger, nodeId: claims ? effects.nodeId : null, after };
  });
}

async function insertFanOuts(sql: PostgresSql, kept: readonly NewMessage[]): Promise<void> {
  if (kept.length === 0) return;
  await sql.over(
    `insert into fan_out (organization_id, message_id, after_id)
     select * from unnest(cast(? as uuid[]), cast(? as uuid[]), cast(? as uuid[]))`,
    kept.map(({ message }) => message.organizationId),
    kept.map(({ message }) => message.id),
    kept.map(({ after }) => after),
  );
}

async function insertRows(sql: PostgresSql, messages: readonly NewMessage[]): Promise<void> {
  await sql.over(
    `insert into message (id, organization_id, event_type, event_id, payload, created_at, test_subscription_id, channels, tags,
       content_type, deliver_at, payload_until, trace_context)
     select * from unnest(cast(? as uuid[]), cast(? as uuid[]), cast(? as text[]), cast(? as text[]), cast(? as text[]),
       cast(? as bigint[]), cast(? as uuid[]), cast(? as text[]), cast(? as text[]), cast(? as text[]), cast(? as bigint[]),
       cast(? as bigint[]), cast(? as text[]))`,
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
    messages.map(({ message }) => message.traceContext),
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
