import type { Filters } from "../domain/filters.ts";
import type { SubscriptionId } from "../domain/id.ts";

/** A subscription that wants an event type. */
export interface Route {
  readonly subscriptionId: SubscriptionId;
  readonly filters: Filters | null;
  readonly enabled: boolean;
  /** It gets one delivery at a time, so nothing is handed over to it past the store. */
  readonly ordered: boolean;
}

export interface RouteRow {
  readonly id: SubscriptionId;
  readonly filters: string | null;
  readonly disabled_reason: string | null;
  readonly ordered: number;
}

export function routeOf(row: RouteRow): Route {
  return {
    subscriptionId: row.id,
    filters: row.filters === null ? null : (JSON.parse(row.filters) as Filters),
    enabled: row.disabled_reason === null,
    ordered: row.ordered === 1,
  };
}

/**
 * A test event goes to its subscription alone, whatever that one wants. Whether that is ordered is found out when it is
 * claimed, so it is not handed over past the store.
 */
export function testRoute(subscriptionId: SubscriptionId): Route {
  return { subscriptionId, filters: null, enabled: true, ordered: true };
}
