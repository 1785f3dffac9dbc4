import { matchesChannels } from "../../domain/channels.ts";
import { patternsMatching } from "../../domain/event-pattern.ts";
import { firstIdAt, type OrganizationId, type SubscriptionId } from "../../domain/id.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { PageOf } from "../page.ts";
import { lastId, type ReadContext } from "../sql.ts";
import { readThrottleStates } from "../throttle-states/sql.ts";
import type { SubscriptionKey } from "./interface.ts";
import { type SubscriptionRow, selectSubscription, subscriptionOf } from "./subscription-row.ts";

export async function readSubscription(context: ReadContext, key: SubscriptionKey): Promise<Subscription | null> {
  const row = await context.sql.get<SubscriptionRow>(
    `${selectSubscription} where subscription.id = ? and organization_id = ? and deleted_at is null`,
    key.subscriptionId,
    key.organizationId,
  );
  if (row === null) return null;
  const throttleStateOf = await readThrottleStates(context, [row.id]);
  return subscriptionOf(context, row, throttleStateOf(row.id));
}

export async function findSubscription(
  context: ReadContext,
  { organizationId, uid }: { organizationId: OrganizationId; uid: string },
): Promise<Subscription | null> {
  const row = await context.sql.get<SubscriptionRow>(
    `${selectSubscription} where organization_id = ? and uid = ? and deleted_at is null`,
    organizationId,
    uid,
  );
  if (row === null) return null;
  const throttleStateOf = await readThrottleStates(context, [row.id]);
  return subscriptionOf(context, row, throttleStateOf(row.id));
}

export async function listSubscriptions(
  context: ReadContext,
  params: { organizationId: OrganizationId; oldestFirst: boolean } & PageOf<SubscriptionId>,
): Promise<Subscription[]> {
  const { organizationId, oldestFirst, cursor, limit } = params;
  const rows = await context.sql.all<SubscriptionRow>(
    `${selectSubscription} where organization_id = ? and deleted_at is null and subscription.id ${oldestFirst ? ">" : "<"} ?
       order by subscription.id ${oldestFirst ? "" : "desc"} limit ?`,
    organizationId,
    cursor ?? (oldestFirst ? firstIdAt<"subscription">(0) : lastId),
    limit,
  );
  const throttleStateOf = await readThrottleStates(
    context,
    rows.map((row) => row.id),
  );
  return rows.map((row) => subscriptionOf(context, row, throttleStateOf(row.id)));
}

export async function hasMatch(
  { sql }: ReadContext,
  params: { organizationId: OrganizationId; eventType: string; channels: readonly string[] | null },
): Promise<boolean> {
  const rows = await sql.all<{ channels: string | null }>(
    `select distinct channels from subscription_pattern join subscription on subscription.id = subscription_id
     where subscription_pattern.organization_id = ? and pattern in (${sql.dialect.eachText})
       and deleted_at is null and disabled_reason is null`,
    params.organizationId,
    sql.dialect.textsValue(patternsMatching(params.eventType)),
  );
  return rows.some(({ channels }) =>
    matchesChannels(channels === null ? null : (JSON.parse(channels) as string[]), params.channels),
  );
}

/** Whether the subscription belongs to the organization. */
export async function isOf(
  { sql }: ReadContext,
  { organizationId, subscriptionId }: SubscriptionKey,
): Promise<boolean> {
  const row = await sql.get(
    "select 1 from subscription where id = ? and organization_id = ?",
    subscriptionId,
    organizationId,
  );
  return row !== null;
}
