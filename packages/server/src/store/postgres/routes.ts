import { patternsMatching } from "../../domain/event-pattern.ts";
import type { OrganizationId } from "../../domain/id.ts";
import { type Route, type RouteRow, routeColumns, routeOf } from "../fan-out/route.ts";
import type { FanOutRoutes } from "./new-messages.ts";
import type { PostgresSql } from "./postgres-sql.ts";

interface Wish {
  readonly organizationId: OrganizationId;
  readonly eventType: string;
}

interface WantedRow extends RouteRow {
  readonly organization_id: OrganizationId;
  readonly event_type: string;
}

const routesRemembered = 50_000;

/**
 * Which subscriptions want what. Other nodes change subscriptions too, so every transaction asks whether what is
 * remembered of an organization is still true: one number each.
 */
export class Routes {
  readonly #known = new Map<string, { readonly version: number; readonly routes: readonly Route[] }>();

  /** Makes sure that the routes for these are as the transaction sees them. */
  async load(sql: PostgresSql, wishes: readonly Wish[]): Promise<FanOutRoutes> {
    const organizations = await readOrganizations(sql, wishes);
    const versions = new Map(organizations.map((row) => [row.id, row.routes_version]));
    const waiting = new Set(organizations.filter((row) => row.fan_out_waits).map((row) => row.id));
    const loaded = new Map<string, readonly Route[]>();
    const missing: Wish[] = [];
    for (const wish of wishes) {
      const key = keyOf(wish);
      if (loaded.has(key)) continue;
      const known = this.#known.get(key);
      if (known !== undefined && known.version === versions.get(wish.organizationId)) loaded.set(key, known.routes);
      else {
        loaded.set(key, []);
        missing.push(wish);
      }
    }
    for (const [key, rows] of Map.groupBy(await readRoutes(sql, missing), rowKey)) loaded.set(key, rows.map(routeOf));
    if (this.#known.size + missing.length > routesRemembered) this.#known.clear();
    for (const wish of missing) {
      const key = keyOf(wish);
      this.#known.set(key, { version: versions.get(wish.organizationId) ?? 0, routes: loaded.get(key) ?? [] });
    }
    return { routesFor: (wish) => loaded.get(keyOf(wish)) ?? [], waiting };
  }
}

interface OrganizationRow {
  readonly id: OrganizationId;
  readonly routes_version: number;
  readonly fan_out_waits: boolean;
}

async function readOrganizations(sql: PostgresSql, wishes: readonly Wish[]): Promise<OrganizationRow[]> {
  const ids = [...new Set(wishes.map((wish) => wish.organizationId))];
  return await sql.over<OrganizationRow>(
    `select id, routes_version, exists (select 1 from fan_out where organization_id = organization.id) as fan_out_waits
     from organization where id = any (cast(? as uuid[]))`,
    ids,
  );
}

async function readRoutes(sql: PostgresSql, wishes: readonly Wish[]): Promise<WantedRow[]> {
  if (wishes.length === 0) return [];
  const patterns = wishes.flatMap((wish) => patternsMatching(wish.eventType).map((pattern) => ({ ...wish, pattern })));
  return await sql.over<WantedRow>(
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

function keyOf({ organizationId, eventType }: Wish): string {
  return `${organizationId} ${eventType}`;
}

function rowKey(row: WantedRow): string {
  return `${row.organization_id} ${row.event_type}`;
}
