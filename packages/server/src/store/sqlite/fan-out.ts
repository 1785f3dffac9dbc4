import { firstClaim } from "../../domain/delivery.ts";
import { patternsMatching } from "../../domain/event-pattern.ts";
import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { CommitEffects } from "../commit/commit-effects.ts";
import { matchingRoutes, type Route, type RouteRow, routeColumns, routeOf, testRoute } from "../fan-out/route.ts";
import type { Database } from "./database.ts";
import type { SqliteWriteContext } from "./write-context.ts";

const routesRemembered = 50_000;

interface Sending {
  /** The subscription that a test event is for. */
  readonly testOf: SubscriptionId | null;
  /** The message before this one in the order of its producer. */
  readonly after: MessageId | null;
}

/**
 * Stores one delivery of a new message for each matching subscription: claimed if this node takes it, else due. A
 * fan-out that is too large for this commit waits for further ones, and later messages of its organization wait behind it.
 */
export function fanOut(context: SqliteWriteContext, message: Message, sending: Sending): void {
  const { organizationId } = message;
  if (sending.testOf !== null) {
    insertDelivery(context, message, testRoute(sending.testOf), sending);
    return;
  }
  const routes = routesFor(context, message);
  if (context.hasFanOutWaiting(organizationId) || !context.effects.fanOut.spend(organizationId, routes.length)) {
    keepWaiting(context, message, sending.after);
  } else {
    deliver(context, message, matchingRoutes(message, routes), sending.after);
  }
}

/** Stores a delivery for each of these subscriptions. */
export function deliver(
  context: SqliteWriteContext,
  message: Message,
  routes: readonly Route[],
  after: MessageId | null,
): void {
  for (const route of routes) insertDelivery(context, message, route, { testOf: null, after });
}

function keepWaiting(context: SqliteWriteContext, { id, organizationId }: Message, after: MessageId | null): void {
  context.db.run(
    "insert into fan_out (organization_id, message_id, after_id) values (?, ?, ?)",
    organizationId,
    id,
    after,
  );
  context.noteFanOut(organizationId, true);
}

function insertDelivery(
  { db, effects }: SqliteWriteContext,
  message: Message,
  route: Route,
  { testOf, after }: Sending,
): void {
  const { subscriptionId } = route;
  const isLater = message.deliverAt !== null;
  const claims =
    route.enabled &&
    route.handedOver &&
    !isLater &&
    effects.takes(subscriptionId, message.organizationId) &&
    mayFollow(db, effects, after, subscriptionId);
  const state = route.enabled ? (claims ? "claimed" : "due") : "skipped";
  const trigger = testOf === null ? "scheduled" : "test";
  db.run(
    `insert into delivery (message_id, subscription_id, organization_id, state, trigger, attempts, schedule_step, due_at,
       node_id, after_id) values (?, ?, ?, ?, ?, 0, 0, ?, ?, ?)`,
    message.id,
    subscriptionId,
    message.organizationId,
    state,
    trigger,
    message.deliverAt ?? message.createdAt,
    claims ? effects.nodeId : null,
    after,
  );
  if (claims) effects.handOver(firstClaim(message, subscriptionId, trigger));
  else if (state === "due" && !isLater) effects.leaveInBacklog(subscriptionId);
}

// A delivery after one that this node holds goes into the same lane, and so starts after it.
function mayFollow(
  db: Database,
  effects: CommitEffects,
  after: MessageId | null,
  subscriptionId: SubscriptionId,
): boolean {
  if (after === null) return true;
  const first = db.get<{ node_id: string | null }>(
    `select node_id from delivery
     where message_id = ? and subscription_id = ? and attempts = 0 and state in ('due', 'claimed')`,
    after,
    subscriptionId,
  );
  return first === null || first.node_id === effects.nodeId;
}

/** Returns the subscriptions that match the event type of a message, in the order of their ids. */
export function routesFor(context: SqliteWriteContext, { organizationId, eventType }: Message): readonly Route[] {
  const key = `${organizationId} ${eventType}`;
  const known = context.routes.get(key);
  if (known !== undefined) return known;
  const routes = findRoutes(context, organizationId, eventType);
  if (context.routes.size >= routesRemembered) context.routes.clear();
  context.routes.set(key, routes);
  return routes;
}

function findRoutes(context: SqliteWriteContext, organizationId: OrganizationId, eventType: string): Route[] {
  return context.db
    .all<RouteRow>(
      `select distinct ${routeColumns}
       from subscription_pattern join subscription on subscription.id = subscription_id
       where subscription_pattern.organization_id = ? and pattern in (select value from json_each(?)) and deleted_at is null
       order by subscription.id`,
      organizationId,
      JSON.stringify(patternsMatching(eventType)),
    )
    .map(routeOf);
}
