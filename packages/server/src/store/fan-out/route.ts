import { matchesChannels } from "../../domain/channels.ts";
import { matchesPattern } from "../../domain/event-pattern.ts";
import { FilteredPayload, type Filters, parseFilters } from "../../domain/filters.ts";
import type { SubscriptionId } from "../../domain/id.ts";
import { jsonText, type Message } from "../../domain/message.ts";
import type { TargetKind } from "../../domain/target.ts";

/** The columns of a subscription that make a route. */
export const routeColumns = "subscription.id, channels, filters, disabled_reason, ordered, rate_limit, target";

/** A subscription that matches an event type. */
export interface Route {
  readonly subscriptionId: SubscriptionId;
  readonly channels: readonly string[] | null;
  readonly filters: Filters | null;
  readonly enabled: boolean;
  /**
   * Whether new deliveries may be handed over without a claim. Claims enforce an order or a rate limit, and a listener
   * claims for itself.
   */
  readonly handedOver: boolean;
}

export interface RouteRow {
  readonly id: SubscriptionId;
  readonly channels: string | null;
  readonly filters: string | null;
  readonly disabled_reason: string | null;
  readonly ordered: number;
  readonly rate_limit: number | null;
  readonly target: TargetKind;
}

export function routeOf(row: RouteRow): Route {
  return {
    subscriptionId: row.id,
    channels: row.channels === null ? null : (JSON.parse(row.channels) as string[]),
    filters: row.filters === null ? null : parseFilters(row.filters),
    enabled: row.disabled_reason === null,
    handedOver: row.ordered === 0 && row.rate_limit === null && row.target !== "listener",
  };
}

/** The routes that match a message, from those that match its event type. */
export function matchingRoutes(message: Message, routes: readonly Route[]): readonly Route[] {
  const payload = payloadReader(message);
  return routes.filter((route) => matchesRoute(route, message.channels, payload));
}

/** Why a message does not go to a subscription. */
export type Mismatch =
  | { readonly kind: "event_type" | "channel" }
  /** The field of the filter whose value differs. */
  | { readonly kind: "filter"; readonly field: string };

/** A message in the form that subscriptions are matched with. The payload is read only if a filter needs it. */
export interface Matched extends Pick<Message, "eventType" | "channels"> {
  readonly filteredPayload: () => FilteredPayload;
}

interface RouteConditions extends Pick<Route, "channels" | "filters"> {
  readonly eventTypes: readonly string[];
}

/** Why fan-out would not send a message to a subscription with these settings; null when it would. */
export function mismatchOf({ eventTypes, channels, filters }: RouteConditions, message: Matched): Mismatch | null {
  if (!eventTypes.some((pattern) => matchesPattern(pattern, message.eventType))) return { kind: "event_type" };
  if (!matchesChannels(channels, message.channels)) return { kind: "channel" };
  const field = filters === null ? null : message.filteredPayload().failingField(filters);
  return field === null ? null : { kind: "filter", field };
}

/** Reads the payload at the first call. */
export function payloadReader(message: Pick<Message, "payload" | "contentType">): () => FilteredPayload {
  let payload: FilteredPayload | null = null;
  return () => {
    payload ??= new FilteredPayload(jsonText(message));
    return payload;
  };
}

function matchesRoute(
  { channels, filters }: Pick<Route, "channels" | "filters">,
  given: readonly string[] | null,
  payload: () => FilteredPayload,
): boolean {
  if (!matchesChannels(channels, given)) return false;
  return filters === null || payload().matches(filters);
}

/**
 * A test event goes to its subscription alone, whether it matches or not. Its claim enforces an order or a rate limit,
 * so it is not handed over without one.
 */
export function testRoute(subscriptionId: SubscriptionId): Route {
  return { subscriptionId, channels: null, filters: null, enabled: true, handedOver: false };
}
