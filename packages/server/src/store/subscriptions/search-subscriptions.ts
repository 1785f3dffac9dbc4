import { patternsMatching } from "../../domain/event-pattern.ts";
import type { HealthStatus } from "../../domain/health.ts";
import type { SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Conditions } from "../messages/conditions.ts";
import type { Page } from "../page.ts";
import { type Dialect, lastId, type ReadContext, type SqlValue } from "../sql.ts";
import { readThrottleStates } from "../throttle-states/sql.ts";
import type { FoundSubscription, SearchSubscriptions, SubscriptionFilters } from "./interface.ts";
import { type SubscriptionRow, subscriptionOf } from "./subscription-row.ts";

export async function searchSubscriptions(
  context: ReadContext,
  params: SearchSubscriptions,
): Promise<Page<FoundSubscription, SubscriptionId>> {
  const { organizationId, cursor, limit } = params;
  const own = organizationId === null ? "" : "organization_id = ? and";
  const looked = (columns: string) =>
    `select ${columns} from subscription where ${own} deleted_at is null and id < ? order by id desc`;
  const bounds = [...(organizationId === null ? [] : [organizationId]), cursor ?? lastId];
  const { conditions, values } = conditionsFor(context.sql.dialect, params);
  const rows = await context.sql.all<SubscriptionRow>(
    `select looked.*, recent, failing_since from (${looked("*")} limit ?) as looked
       left join subscription_health on subscription_health.subscription_id = looked.id
       where ${["1 = 1", ...conditions].join(" and ")} order by looked.id desc limit ?`,
    ...bounds,
    limits.examinedForPageMax,
    ...values,
    limit + 1,
  );
  const found = await withTheirState(context, rows.slice(0, limit));
  if (rows.length > limit) return { items: found, next: found.at(-1)?.id ?? null };
  const end = await context.sql.get<{ id: SubscriptionId }>(
    `${looked("id")} limit 1 offset ?`,
    ...bounds,
    limits.examinedForPageMax - 1,
  );
  return { items: found, next: end?.id ?? null };
}

// The words of healthStatus, in SQL.
const healthConditions: Record<HealthStatus, string> = {
  unknown: "coalesce(recent, '') = ''",
  failing: "substr(recent, 1, 3) = '000'",
  degraded: "substr(recent, 1, 3) <> '000' and recent like '%0%'",
  healthy: "recent <> '' and recent not like '%0%'",
};

export function conditionsFor(dialect: Dialect, params: SubscriptionFilters): Conditions {
  const { text, eventTypes, health, isDisabled, isDisabledAutomatically = false } = params;
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  if (text !== null) {
    const columns = ["looked.url", "looked.description", "looked.uid"];
    conditions.push(`(${columns.map((column) => dialect.contains(column)).join(" or ")})`);
    values.push(...columns.map(() => text));
  }
  if (eventTypes !== null) {
    conditions.push(
      `exists (select 1 from subscription_pattern where subscription_pattern.organization_id = looked.organization_id
         and subscription_pattern.subscription_id = looked.id and pattern in (${dialect.eachText}))`,
    );
    values.push(dialect.textsValue([...new Set(eventTypes.flatMap(patternsMatching))]));
  }
  if (health !== null) conditions.push(healthConditions[health]);
  if (isDisabled !== null) conditions.push(`disabled_reason is ${isDisabled ? "not " : ""}null`);
  if (isDisabledAutomatically) conditions.push("disabled_reason in ('gone', 'failing')");
  return { conditions, values };
}

export async function withTheirState(
  context: ReadContext,
  rows: readonly SubscriptionRow[],
): Promise<FoundSubscription[]> {
  const ids = rows.map((row) => row.id);
  const [throttleStateOf, attempts] = await Promise.all([
    readThrottleStates(context, ids),
    context.sql.all<{ id: SubscriptionId; at: number | null }>(
      `select id, (select started_at from attempt where subscription_id = subscription.id order by attempt.id desc limit 1) as at
         from subscription where ${context.sql.dialect.isOneOf("id")}`,
      JSON.stringify(ids),
    ),
  ]);
  const lastAttemptAt = new Map(attempts.map(({ id, at }) => [id, at]));
  return rows.map((row) => ({
    ...subscriptionOf(context, row, throttleStateOf(row.id)),
    lastAttemptAt: lastAttemptAt.get(row.id) ?? null,
  }));
}
