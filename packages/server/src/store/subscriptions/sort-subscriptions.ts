import type { SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { timeKey } from "../sorted-rows.ts";
import type { ReadContext } from "../sql.ts";
import type { SortedSubscriptions, SubscriptionPosition, SubscriptionSort } from "./interface.ts";
import { conditionsFor, withTheirState } from "./search-subscriptions.ts";
import { type SubscriptionRow, selectSubscription } from "./subscription-row.ts";

/** The value by which subscriptions are ordered, as text: numbers have leading zeros. The worst health is first. */
const sortKeys: Readonly<Record<SubscriptionSort, string>> = {
  url: "lower(looked.url)",
  health: `case when substr(coalesce(recent, ''), 1, 3) = '000' then '0' when recent like '%0%' then '1'
    when coalesce(recent, '') = '' then '3' else '2' end`,
  last_attempt: `coalesce((select ${timeKey("started_at")} from attempt
    where subscription_id = looked.id order by attempt.id desc limit 1), '')`,
};

export async function sortSubscriptions(
  context: ReadContext,
  params: SortedSubscriptions,
): Promise<SubscriptionPosition[]> {
  const { organizationId, sort, descending, position, limit } = params;
  const { conditions, values } = conditionsFor(context.sql.dialect, params);
  const direction = descending ? "desc" : "";
  const after = position === null ? "" : `where (sort_key, id) ${descending ? "<" : ">"} (?, ?)`;
  const keys = await context.sql.all<{ id: SubscriptionId; sort_key: string }>(
    `select id, sort_key from (
       select looked.id, ${sortKeys[sort]} as sort_key from (
         select * from subscription where organization_id = ? and deleted_at is null order by id desc limit ?) as looked
       left join subscription_health on subscription_health.subscription_id = looked.id
       where ${["1 = 1", ...conditions].join(" and ")}) as keyed
     ${after} order by sort_key ${direction}, id ${direction} limit ?`,
    organizationId,
    limits.sortedMax,
    ...values,
    ...(position === null ? [] : [position.key, position.id]),
    limit,
  );
  const rows = await context.sql.all<SubscriptionRow>(
    `${selectSubscription} where ${context.sql.dialect.isOneOf("subscription.id")}`,
    JSON.stringify(keys.map(({ id }) => id)),
  );
  const found = new Map((await withTheirState(context, rows)).map((subscription) => [subscription.id, subscription]));
  return keys.flatMap(({ id, sort_key: key }) => {
    const subscription = found.get(id);
    return subscription === undefined ? [] : [{ subscription, key }];
  });
}
