import type { DeliveryState } from "../../domain/delivery.ts";
import { type AttemptId, firstIdAt, type MessageId, type OrganizationId } from "../../domain/id.ts";
import type { CountAttempts, CountedAttempts, CountedDeliveries, CountedStates } from "../attempts/interface.ts";
import type { Reading, SqlValue } from "../sql.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";

export async function countAttempts(reading: Reading, params: CountAttempts): Promise<CountedAttempts> {
  const { subscriptionId, after, upTo, limit } = params;
  if (!(await isOf(reading, params))) return { made: 0, failed: 0, last: null };
  const counted = await reading.sql.get<{ made: number; last: AttemptId | null }>(
    `select cast(count(*) as integer) as made, max(cast(id as text)) as last from
       (select id from attempt where subscription_id = ? and id > ? and id <= ? order by id limit ?) as made`,
    subscriptionId,
    after,
    upTo,
    limit,
  );
  const { made, last } = counted ?? { made: 0, last: null };
  if (last === null) return { made: 0, failed: 0, last };
  const failed = await countRows(
    reading,
    "attempt where subscription_id = ? and succeeded = 0 and id > ? and id <= ? order by id",
    [subscriptionId, after, last],
    limit,
  );
  return { made, failed, last };
}

export async function countDeliveries(
  reading: Reading,
  params: SubscriptionKey & { since: number; until: number; limit: number },
): Promise<CountedDeliveries> {
  const { subscriptionId, since, until, limit } = params;
  if (!(await isOf(reading, params))) return { pending: 0, retrying: 0, setAside: 0 };
  const waiting = await Promise.all(
    // An order that only the right index has.
    [
      "state = 'due' and subscription_id = ? order by message_id",
      "state = 'claimed' and subscription_id = ? order by node_id",
    ].map((where) =>
      reading.sql.get<{ pending: number | null; retrying: number | null }>(
        `select cast(sum(case when attempts = 0 then 1 else 0 end) as integer) as pending,
           cast(sum(case when attempts > 0 then 1 else 0 end) as integer) as retrying
         from (select attempts from delivery where ${where} limit ?) as waiting`,
        subscriptionId,
        limit,
      ),
    ),
  );
  const setAside = await countRows(
    reading,
    `delivery where state in ('skipped', 'cancelled') and subscription_id = ? and message_id > ? and message_id < ?
       order by message_id`,
    [subscriptionId, firstIdAt(since), firstIdAt(until)],
    limit,
  );
  const sum = (kind: "pending" | "retrying") => waiting.reduce((total, row) => total + (row?.[kind] ?? 0), 0);
  return { pending: Math.min(sum("pending"), limit), retrying: Math.min(sum("retrying"), limit), setAside };
}

export async function countStates(
  { sql }: Reading,
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

async function countRows({ sql }: Reading, rows: string, values: readonly SqlValue[], limit: number): Promise<number> {
  const counted = await sql.get<{ rows: number }>(
    `select cast(count(*) as integer) as rows from (select 1 from ${rows} limit ?) as made`,
    ...values,
    limit,
  );
  return counted?.rows ?? 0;
}

/** What is somebody else's does not exist. */
export async function isOf({ sql }: Reading, { organizationId, subscriptionId }: SubscriptionKey): Promise<boolean> {
  const row = await sql.get(
    "select 1 from subscription where id = ? and organization_id = ?",
    subscriptionId,
    organizationId,
  );
  return row !== null;
}
