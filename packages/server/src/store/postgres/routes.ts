import { patternsMatching } from "../../domain/event-pattern.ts";
import type { OrganizationId } from "../../domain/id.ts";
import { type Route, type RouteRow, routeColumns, routeOf } from "../fan-out/route.ts";
import type { FanOutRoutes } from "./new-messages.ts";
import type { PostgresSql } from "./postgres-sql.ts";

interface RouteKey {
  readonly organizationId: OrganizationId;
  readonly eventType: string;
}

interface MatchedRow extends RouteRow {
  readonly organization_id: OrganizationId;
  readonly event_type: string;
}

const routesRemembered = 50_000;

/**
 * The subscriptions that match each event type. Other nodes change subscriptions too, so every transaction checks
 * whether the cached routes of an organization are still valid: one number each.
 */
export class Routes {
  #known = new Map<string, { readonly version: number; readonly routes: readonly Route[] }>();

  /**
   * Forgets everything: a new primary may lack the last changes of the former one, and would give their versions to
   * others.
   */
  forget(): void {
    this.#known = new Map();
  }

  /** Makes sure that the cached routes for these are those that the transaction sees. */
  async load(sql: PostgresSql, keys: readonly RouteKey[]): Promise<FanOutRoutes> {
    const cached = this.#known;
    const organizations = await readOrganizations(sql, keys);
    const versions = new Map(organizations.map((row) => [row.id, row.routes_version]));
    const waiting = new Set(organizations.filter((row) => row.fan_out_waits).map((row) => row.id));
    const loaded = new Map<string, readonly Route[]>();
    const missing: RouteKey[] = [];
    for (const routeKey of keys) {
      const key = keyOf(routeKey);
      if (loaded.has(key)) continue;
      const known = cached.get(key);
      if (known !== undefined && known.version === versions.get(routeKey.organizationId)) loaded.set(key, known.routes);
      else {
        loaded.set(key, []);
        missing.push(routeKey);
      }
    }
    for (const [key, rows] of Map.groupBy(await readRoutes(sql, missing), rowKey)) loaded.set(key, rows.map(routeOf));
    if (cached.size + missing.length > routesRemembered) cached.clear();
    for (const routeKey of missing) {
      const key = keyOf(routeKey);
      cached.set(key, { version: versions.get(routeKey.organizationId) ?? 0, routes: loaded.get(key) ?? [] });
    }
    return { routesFor: (routeKey) => loaded.get(keyOf(routeKey)) ?? [], waiting };
  }
}

interface OrganizationRow {
  readonly id: OrganizationId;
  readonly routes_version: number;
  readonly fan_out_waits: boolean;
}

async function readOrganizations(sql: PostgresSql, keys: readonly RouteKey[]): Promise<OrganizationRow[]> {
  const ids = [...new Set(keys.map((routeKey) => routeKey.organizationId))];
  return await sql.over<OrganizationRow>(
    `select id, routes_version, exists (select 1 from fan_out where organization_id = organization.id) as fan_out_waits
     from organization where id = any (cast(? as uuid[]))`,
    ids,
  );
}

async function readRoutes(sql: PostgresSql, keys: readonly RouteKey[]): Promise<MatchedRow[]> {
  if (keys.length === 0) return [];
  const patterns = keys.flatMap((routeKey) =>
    patternsMatching(routeKey.eventType).map((pattern) => ({ ...routeKey, pattern })),
  );
  return await sql.over<MatchedRow>(
    `select distinct wish.organization_id, wish.event_type, ${routeColumns}
     from unnest(cast(? as uuid[]), cast(? as text[]), cast(? as text[])) as wish (organization_id, event_type, pattern)
       join subscription_pattern on subscription_pattern.organization_id = wish.organization_id
         and subscription_pattern.pattern = wish.pattern
       join subscription on subscription.id = subscription_id
     where deleted_at is null order by subscription.id`,
    patterns.map(({ organizationId }) => organizationId),
    patterns.map(({ eventType }) => eventType),
    patterns.map(({ pattern }) => pattern),
  );
}

function keyOf({ organizationId, eventType }: RouteKey): string {
  return `${organizationId} ${eventType}`;
}

function rowKey(row: MatchedRow): string {
  return `${row.organization_id} ${row.event_type}`;
}
