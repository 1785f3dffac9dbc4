import type { Filters } from "../domain/filters.ts";
import type { SubscriptionId } from "../domain/id.ts";

/** A subscription that wants an event type. */
export interface Route {
  readonly subscriptionId: SubscriptionId;
  readonly filters: Filters | null;
  readonly enabled: boolean;
  /** Whether new deliveries may be handed over past the store. An order or a rate limit is kept where they are claimed. */
  readonly handedOver: boolean;
}

export interface RouteRow {
  readonly id: SubscriptionId;
  readonly filters: string | null;
  readonly disabled_reason: string | null;
  readonly ordered: number;
  readonly rate_limit: number | null;
}

export function routeOf(row: RouteRow): Route {
  return {
    subscriptionId: row.id,
    filters: row.filters === null ? null : (JSON.parse(row.filters) as Filters),
    enabled: row.disabled_reason === null,
    handedOver: row.ordered === 0 && row.rate_limit === null,
  };
}

/**
 * A test event goes to its subscription alone, whatever that one wants. Whether that is ordered or limited is found out when it is
 * claimed, so it is not handed over past the store.
 */
export function testRoute(subscriptionId: SubscriptionId): Route {
  return { subscriptionId, filters: null, enabled: true, handedOver: false };
}
