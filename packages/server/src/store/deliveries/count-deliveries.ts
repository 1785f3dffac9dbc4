import type { DeliveryState } from "../../domain/delivery.ts";
import { firstIdAt, type MessageId, type OrganizationId } from "../../domain/id.ts";
import { countRows } from "../count-rows.ts";
import type { ReadContext } from "../sql.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";
import { isOf } from "../subscriptions/read-subscriptions.ts";
import type { CountedDeliveries, CountedStates } from "./interface.ts";

export async function countDeliveries(
  context: ReadContext,
  params: SubscriptionKey & { since: number; until: number; limit: number },
): Promise<CountedDeliveries> {
  const { subscriptionId, since, until, limit } = params;
  if (!(await isOf(context, params))) return { pending: 0, retrying: 0, setAside: 0 };
  const waiting = await Promise.all(
    // An order that only the right index has.
    [
      "state = 'due' and subscription_id = ? order by message_id",
      "state = 'claimed' and subscription_id = ? order by node_id",
    ].map((where) =>
      context.sql.get<{ pending: number | null; retrying: number | null }>(
        `select cast(sum(case when attempts = 0 then 1 else 0 end) as integer) as pending,
           cast(sum(case when attempts > 0 then 1 else 0 end) as integer) as retrying
         from (select attempts from delivery where ${where} limit ?) as waiting`,
        subscriptionId,
        limit,
      ),
    ),
  );
  const setAside = await countRows(
    context,
    `delivery where state in ('skipped', 'cancelled') and subscription_id = ? and message_id > ? and message_id < ?
       order by message_id`,
    [subscriptionId, firstIdAt(since), firstIdAt(until)],
    limit,
  );
  const sum = (kind: "pending" | "retrying") => waiting.reduce((total, row) => total + (row?.[kind] ?? 0), 0);
  return { pending: Math.min(sum("pending"), limit), retrying: Math.min(sum("retrying"), limit), setAside };
}

export async function countStates(
  { sql }: ReadContext,
  { organizationId, messageIds }: { organizationId: OrganizationId; messageIds: readonly MessageId[] },
): Promise<CountedStates[]> {
  if (messageIds.length === 0) return [];
  const sorted = messageIds.toSorted();
  const rows = await sql.all<{ message_id: MessageId; state: DeliveryState; deliveries: number }>(
    // The bounds say which partitions to look into.
    `select message_id, state, cast(count(*) as integer) as deliveries from delivery
       where message_id >= ? and message_id <= ? and ${sql.dialect.isOneOf("message_id")} and organization_id = ?
       group by message_id, state`,
    sorted[0] ?? "",
    sorted.at(-1) ?? "",
    JSON.stringify(messageIds),
    organizationId,
  );
  return [...Map.groupBy(rows, (row) => row.message_id)].map(([messageId, states]) => ({
    messageId,
    counts: Object.fromEntries(states.map(({ state, deliveries }) => [state, deliveries])),
  }));
}
