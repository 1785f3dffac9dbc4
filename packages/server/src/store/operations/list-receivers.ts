import { firstIdAt, type MessageId, type OrganizationId, type SubscriptionId } from "../../domain/id.ts";
import type { MessageReceiver } from "../attempt-store.ts";
import { lastId, type Reading } from "../sql.ts";
import type { PageOf } from "../store.ts";
import { type DeliverySightRow, sightColumns, sightOf } from "./list-deliveries.ts";
import { type SubscriptionRow, subscriptionOf } from "./subscriptions.ts";

export async function listReceivers(
  reading: Reading,
  params: { organizationId: OrganizationId; messageId: MessageId; newestFirst: boolean } & PageOf<SubscriptionId>,
): Promise<MessageReceiver[]> {
  const { organizationId, messageId, newestFirst, cursor, limit } = params;
  const rows = await reading.sql.all<SubscriptionRow & DeliverySightRow>(
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
  return rows.map((row) => ({ ...subscriptionOf(reading, row, null), delivery: sightOf(row) }));
}
