import { passesChannels } from "../domain/channels.ts";
import { matchesPattern } from "../domain/event-pattern.ts";
import { type Filters, failingField, passesFilters } from "../domain/filters.ts";
import type { SubscriptionId } from "../domain/id.ts";
import { type Message, payloadValue } from "../domain/message.ts";
import type { Subscription } from "../domain/subscription.ts";

/** The columns of a subscription that a route is made of. */
export const routeColumns =
  "subscription.id, channels, filters, disabled_reason, ordered, rate_limit, listener_heard_at";

/** A subscription that wants an event type. */
export interface Route {
  readonly subscriptionId: SubscriptionId;
  readonly channels: readonly string[] | null;
  readonly filters: Filters | null;
  readonly enabled: boolean;
  /**
   * Whether new deliveries may be handed over past the store. An order or a rate limit is kept where they are claimed; a listener
   * claims for itself. */
  readonly handedOver: boolean;
}

export interface RouteRow {
  readonly id: SubscriptionId;
  readonly channels: string | null;
  readonly filters: string | null;
  readonly disabled_reason: string | null;
  readonly ordered: number;
  readonly rate_limit: number | null;
  readonly listener_heard_at: number | null;
}

export function routeOf(row: RouteRow): Route {
  return {
    subscriptionId: row.id,
    channels: row.channels === null ? null : (JSON.parse(row.channels) as string[]),
    filters: row.filters === null ? null : (JSON.parse(row.filters) as Filters),
    enabled: row.disabled_reason === null,
    handedOver: row.ordered === 0 && row.rate_limit === null && row.listener_heard_at === null,
  };
}

/** Those of the routes for a message's event type that want the message itself. */
export function routesWanting(message: Message, routes: readonly Route[]): readonly Route[] {
  const payload = payloadReader(message);
  return routes.filter((route) => wants(route, message.channels, payload));
}

/** Why a message does not go to a subscription. */
export type Mismatch =
  | { readonly kind: "event_type" | "channel" }
  /** The field of the filter whose value differs. */
  | { readonly kind: "filter"; readonly field: string };

/** A message as subscriptions are matched with it. The payload is read only where a filter has to see it. */
export interface Matched extends Pick<Message, "eventType" | "channels"> {
  readonly payloadValue: () => unknown;
}

/** Why fan-out would not send a message to a subscription with these settings; null when it would. */
export function mismatchOf(
  { eventTypes, channels, filters }: Pick<Subscription, "eventTypes" | "channels" | "filters">,
  message: Matched,
): Mismatch | null {
  if (!eventTypes.some((pattern) => matchesPattern(pattern, message.eventType))) return { kind: "event_type" };
  if (wants({ channels, filters }, message.channels, message.payloadValue)) return null;
  if (!passesChannels(channels, message.channels)) return { kind: "channel" };
  return { kind: "filter", field: failingField(filters ?? {}, message.payloadValue()) ?? "" };
}

/** Parses the payload at the first call. */
export function payloadReader(message: Pick<Message, "payload" | "contentType">): () => unknown {
  let read: { readonly value: unknown } | null = null;
  return () => {
    read ??= { value: payloadValue(message) };
    return read.value;
  };
}

function wants(
  { channels, filters }: Pick<Route, "channels" | "filters">,
  given: readonly string[] | null,
  payload: () => unknown,
): boolean {
  if (!passesChannels(channels, given)) return false;
  return filters === null || passesFilters(filters, payload());
}

/**
 * A test event goes to its subscription alone, whatever that one wants. Whether that is ordered or limited is found out when it is
 * claimed, so it is not handed over past the store.
 */
export function testRoute(subscriptionId: SubscriptionId): Route {
  return { subscriptionId, channels: null, filters: null, enabled: true, handedOver: false };
}
