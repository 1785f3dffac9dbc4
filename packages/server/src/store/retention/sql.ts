import type { Attempt } from "../../domain/attempt.ts";
import type { DeliveryState } from "../../domain/delivery.ts";
import { firstIdAt, type MessageId, type NodeId, type OrganizationId, type SubscriptionId } from "../../domain/id.ts";
import type { ExpiredRange } from "../../domain/retention.ts";
import { type AttemptRow, attemptOf } from "../attempts/attempt-row.ts";
import type { DeliveryKey } from "../deliveries/interface.ts";
import type { CommandsOf, QueriesOf } from "../operations.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import type { ExpiredDelivery, ExpiredRows, RetentionStore } from "./interface.ts";

export const lookUps = { isFirstNode } satisfies QueriesOf<RetentionStore>;

export const lists = {
  findExpiredMessages,
  readExpiredDeliveries,
  readExpiredAttempts,
} satisfies QueriesOf<RetentionStore>;

export const commands = { deleteMessages } satisfies CommandsOf<RetentionStore>;

/** Less than every id: the start of a list in ascending order. */
const beforeAll = firstIdAt<never>(0);

async function isFirstNode({ sql }: ReadContext, { nodeId, now }: { nodeId: NodeId; now: number }): Promise<boolean> {
  const first = await sql.get<{ id: NodeId }>(
    "select id from node where lease_until > ? and expired_at is null order by id limit 1",
    now,
  );
  return first?.id === nodeId;
}

async function findExpiredMessages(
  { sql }: ReadContext,
  { organizationId, eventType, before, limit }: { organizationId: OrganizationId; limit: number } & ExpiredRange,
): Promise<MessageId[]> {
  const ofType = eventType === null ? "" : "and event_type = ?";
  const rows = await sql.all<{ id: MessageId }>(
    `select id from message where organization_id = ? ${ofType} and id < ? order by id limit ?`,
    organizationId,
    ...(eventType === null ? [] : [eventType]),
    firstIdAt(before),
    limit,
  );
  return rows.map(({ id }) => id);
}

interface ExpiredDeliveryRow {
  readonly message_id: MessageId;
  readonly subscription_id: SubscriptionId;
  readonly state: DeliveryState;
  readonly attempts: number;
}

async function readExpiredDeliveries(
  { sql }: ReadContext,
  { organizationId, messageIds, after, limit }: ExpiredRows<DeliveryKey>,
): Promise<ExpiredDelivery[]> {
  const rows = await sql.all<ExpiredDeliveryRow>(
    `select message_id, subscription_id, state, attempts from delivery
       where ${sql.dialect.isOneOf("message_id")} and organization_id = ?
         and (message_id, subscription_id) > (?, ?)
       order by message_id, subscription_id limit ?`,
    JSON.stringify(messageIds),
    organizationId,
    after?.messageId ?? beforeAll,
    after?.subscriptionId ?? beforeAll,
    limit,
  );
  return rows.map((row) => ({
    messageId: row.message_id,
    subscriptionId: row.subscription_id,
    state: row.state,
    attempts: row.attempts,
  }));
}

async function readExpiredAttempts(
  { sql }: ReadContext,
  { organizationId, messageIds, after, limit }: ExpiredRows<Pick<Attempt, "messageId" | "id">>,
): Promise<Attempt[]> {
  const rows = await sql.all<AttemptRow>(
    `select * from attempt where ${sql.dialect.isOneOf("message_id")} and organization_id = ?
         and (message_id, id) > (?, ?)
       order by message_id, id limit ?`,
    JSON.stringify(messageIds),
    organizationId,
    after?.messageId ?? beforeAll,
    after?.id ?? beforeAll,
    limit,
  );
  return rows.map(attemptOf);
}

export async function deleteMessages(
  { sql }: WriteContext,
  { organizationId, messageIds }: { organizationId: OrganizationId; messageIds: readonly MessageId[] },
): Promise<number> {
  const rows = await sql.all<{ id: MessageId }>(
    `select id from message where ${sql.dialect.isOneOf("id")} and organization_id = ? order by id ${sql.dialect.forUpdate}`,
    JSON.stringify(messageIds),
    organizationId,
  );
  if (rows.length === 0) return 0;
  const ids = JSON.stringify(rows.map(({ id }) => id));
  for (const table of ["attempt", "delivery", ...sql.dialect.tablesNamingMessages]) {
    await sql.run(`delete from ${table} where ${sql.dialect.isOneOf("message_id")}`, ids);
  }
  return await sql.run(`delete from message where ${sql.dialect.isOneOf("id")}`, ids);
}
