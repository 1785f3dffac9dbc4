import { firstIdAt, type MessageId, type OrganizationId, type SubscriptionId } from "../../domain/id.ts";
import type { PageOf } from "../page.ts";
import { lastId, type ReadContext } from "../sql.ts";
import { type SubscriptionRow, subscriptionOf } from "../subscriptions/subscription-row.ts";
import { readThrottleStates } from "../throttle-states/sql.ts";
import type { MessageReceiver } from "./interface.ts";
import { type DeliverySightRow, sightColumns, sightOf } from "./list-deliveries.ts";

export async function listReceivers(
  context: ReadContext,
  params: { organizationId: OrganizationId; messageId: MessageId; newestFirst: boolean } & PageOf<SubscriptionId>,
): Promise<MessageReceiver[]> {
  const { organizationId, messageId, newestFirst, cursor, limit } = params;
  const rows = await context.sql.all<SubscriptionRow & DeliverySightRow>(
    `select subscription.*, recent, failing_since, ${sightColumns}
       from delivery join subscription on subscription.id = delivery.subscription_id
         left join subscription_health on subscription_health.subscription_id = subscription.id
       where message_id = ? and delivery.organization_id = ? and delivery.subscription_id ${newestFirst ? "<" : ">"} ?
       order by delivery.subscription_id ${newestFirst ? "desc" : ""} limit ?`,
    messageId,
    organizationId,
    cursor ?? (newestFirst ? lastId : firstIdAt<"subscription">(0)),
    limit,
  );
  const ids = rows.map((row) => row.id);
  const [throttleStateOf, lastAttempts] = await Promise.all([
    readThrottleStates(context, ids),
    readLastAttempts(context, messageId, ids),
  ]);
  return rows.map((row) => ({
    ...subscriptionOf(context, row, throttleStateOf(row.id)),
    delivery: sightOf(row),
    lastAttemptAt: lastAttempts.get(row.id) ?? null,
  }));
}

/** One query reads all attempts of the message, because each subscription has very many attempts for other messages. */
export async function readLastAttempts(
  { sql }: ReadContext,
  messageId: MessageId,
  subscriptionIds: readonly SubscriptionId[],
): Promise<ReadonlyMap<SubscriptionId, number>> {
  if (subscriptionIds.length === 0) return new Map();
  const rows = await sql.all<{ subscription_id: SubscriptionId; at: number }>(
    `select subscription_id, max(started_at) as at from attempt
       where message_id = ? and ${sql.dialect.isOneOf("subscription_id")} group by subscription_id`,
    messageId,
    JSON.stringify(subscriptionIds),
  );
  return new Map(rows.map(({ subscription_id, at }) => [subscription_id, at]));
}
