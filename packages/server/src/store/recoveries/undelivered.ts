// Finds the messages that a subscription has not received, without reading those that it has.

import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { ReadContext, Sql, SqlValue } from "../sql.ts";

export interface UndeliveredQuery {
  readonly organizationId: OrganizationId;
  readonly subscriptionId: SubscriptionId;
  /** Each of them is "failed", "skipped" or "missing". */
  readonly standings: readonly string[];
  /** The event types of the messages that may be missing; null for all. */
  readonly eventTypes: readonly string[] | null;
  /** The window, both exclusive. */
  readonly after: MessageId;
  readonly before: MessageId;
  /** Each index is read for at most this many messages. */
  readonly limit: number;
}

export interface Undelivered {
  /** Oldest first. Messages with another outcome may be among them. */
  readonly ids: readonly MessageId[];
  /** The last message that was examined; null if that is the end of the window. */
  readonly last: MessageId | null;
}

/** The oldest messages of a window that a subscription may not have received. */
export async function findUndelivered({ sql }: ReadContext, query: UndeliveredQuery): Promise<Undelivered> {
  const { organizationId, subscriptionId, standings, eventTypes } = query;
  const ranges: Promise<Undelivered>[] = [];
  if (standings.includes("failed")) {
    ranges.push(withDeliveries(sql, query, "organization_id = ? and state = 'failed'", organizationId));
  }
  if (standings.includes("skipped")) {
    ranges.push(
      withDeliveries(sql, query, "subscription_id = ? and state in ('skipped', 'cancelled')", subscriptionId),
    );
  }
  if (standings.includes("missing")) for (const type of eventTypes ?? [null]) ranges.push(ofType(sql, query, type));
  const found = await Promise.all(ranges);
  // Later messages of one index wait for those of an index that was not read to the end.
  const ends = found.flatMap(({ last }) => last ?? []).sort();
  const last = ends[0] ?? null;
  const ids = [...new Set(found.flatMap((range) => range.ids))].sort();
  return { ids: last === null ? ids : ids.filter((id) => id <= last), last };
}

/** Messages with a delivery that meets a condition, which has an index in the order of the messages. */
async function withDeliveries(
  sql: Sql,
  { after, before, limit }: UndeliveredQuery,
  condition: string,
  value: string,
): Promise<Undelivered> {
  const rows = await sql.all<{ id: MessageId }>(
    `select distinct message_id as id from delivery
     where ${condition} and message_id > ? and message_id < ? order by message_id limit ?`,
    ...[value, after, before, limit],
  );
  const ids = rows.map(({ id }) => id);
  return { ids, last: ids[limit - 1] ?? null };
}

/** Messages of one type, or all messages, except those with a delivery in another state. Only indexes are read. */
async function ofType(sql: Sql, query: UndeliveredQuery, eventType: string | null): Promise<Undelivered> {
  const { organizationId, subscriptionId, standings, after, before, limit } = query;
  const type: SqlValue[] = eventType === null ? [] : [eventType];
  const values = [organizationId, ...type, after, before, limit, after, before, subscriptionId];
  // The bounds are repeated for the deliveries, because Postgres does not derive them from those of the messages.
  const rows = await sql.all<{ id: MessageId; is_last: number }>(
    `with examined as materialized (
       select id from message where organization_id = ? ${eventType === null ? "" : "and event_type = ?"} and id > ? and id < ? order by id limit ?
     )
     select id, 0 as is_last from examined where not exists (
       select 1 from delivery where delivery.message_id = examined.id and delivery.message_id > ? and delivery.message_id < ?
         and subscription_id = ? and state not in (${standings.map(() => "?").join(", ")}))
     union all
     select id, 1 from (select id from examined order by id desc limit 1) as newest
     where (select count(*) from examined) = ?`,
    ...values,
    ...standings,
    limit,
  );
  const ids = rows.filter((row) => row.is_last === 0).map(({ id }) => id);
  return { ids, last: rows.find((row) => row.is_last === 1)?.id ?? null };
}
