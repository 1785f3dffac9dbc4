import type { ClaimedDelivery } from "../../domain/delivery.ts";
import { patternsMatching } from "../../domain/event-pattern.ts";
import { type Filters, passesFilters } from "../../domain/filters.ts";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import type { Writing } from "./transaction.ts";

/** A subscription that wants an event type. */
export interface Route {
  readonly subscriptionId: SubscriptionId;
  readonly filters: Filters | null;
  readonly enabled: boolean;
}

const routesRemembered = 10_000;

/** Stores one delivery of a new message for each subscription that wants it: claimed where this node takes it, else due. */
export function fanOut(writing: Writing, message: Message, testOf: SubscriptionId | null): void {
  const routes =
    testOf === null
      ? routesFor(writing, message.organizationId, message.eventType)
      : [{ subscriptionId: testOf, filters: null, enabled: true }];
  let parsed: unknown;
  for (const route of routes) {
    if (route.filters !== null) parsed ??= JSON.parse(message.payload);
    if (passesFilters(route.filters, parsed)) insertDelivery(writing, message, route, testOf !== null);
  }
}

function insertDelivery(writing: Writing, message: Message, route: Route, isTest: boolean): void {
  const { subscriptionId } = route;
  const claims = route.enabled && takes(writing, subscriptionId);
  const state = route.enabled ? (claims ? "claimed" : "due") : "skipped";
  const trigger = isTest ? "test" : "scheduled";
  writing.db.run(
    `insert into delivery (message_id, subscription_id, organization_id, state, trigger, attempts, schedule_step, due_at, node_id)
     values (?, ?, ?, ?, ?, 0, 0, ?, ?)`,
    message.id,
    subscriptionId,
    message.organizationId,
    state,
    trigger,
    message.createdAt,
    claims ? writing.nodeId : null,
  );
  if (claims) {
    writing.room -= 1;
    writing.handedOver.set(subscriptionId, (writing.handedOver.get(subscriptionId) ?? 0) + 1);
    writing.claimed.push(firstClaim(message, subscriptionId, trigger));
  } else if (state === "due") {
    // What comes after in this commit must wait behind it.
    writing.closedLanes.add(subscriptionId);
    writing.spilled.add(subscriptionId);
  }
}

function takes(writing: Writing, subscriptionId: SubscriptionId): boolean {
  if (writing.room === 0 || writing.closedLanes.has(subscriptionId)) return false;
  return (writing.handedOver.get(subscriptionId) ?? 0) < limits.laneHandedOverMax;
}

function firstClaim(message: Message, subscriptionId: SubscriptionId, trigger: "test" | "scheduled"): ClaimedDelivery {
  return {
    messageId: message.id,
    subscriptionId,
    organizationId: message.organizationId,
    payload: message.payload,
    trigger,
    attempts: 0,
    scheduleStep: 0,
  };
}

function routesFor(writing: Writing, organizationId: OrganizationId, eventType: string): readonly Route[] {
  const key = `${organizationId} ${eventType}`;
  const known = writing.routes.get(key);
  if (known !== undefined) return known;
  const routes = findRoutes(writing, organizationId, eventType);
  if (writing.routes.size >= routesRemembered) writing.routes.clear();
  writing.routes.set(key, routes);
  return routes;
}

function findRoutes(writing: Writing, organizationId: OrganizationId, eventType: string): Route[] {
  return writing.db
    .all<{ id: SubscriptionId; filters: string | null; disabled_reason: string | null }>(
      `select distinct subscription.id, filters, disabled_reason
       from subscription_pattern join subscription on subscription.id = subscription_id
       where subscription_pattern.organization_id = ? and pattern in (select value from json_each(?)) and deleted_at is null
       order by subscription.id`,
      organizationId,
      JSON.stringify(patternsMatching(eventType)),
    )
    .map((row) => ({
      subscriptionId: row.id,
      filters: row.filters === null ? null : (JSON.parse(row.filters) as Filters),
      enabled: row.disabled_reason === null,
    }));
}
