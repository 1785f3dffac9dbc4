import { type SubscriptionId, timeOfId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { readMessage } from "../messages/read-messages.ts";
import type { Page } from "../page.ts";
import { lastId, type ReadContext } from "../sql.ts";
import { type SubscriptionRow, subscriptionOf } from "../subscriptions/subscription-row.ts";
import { readThrottleStates } from "../throttle-states/sql.ts";
import type { ListMessageSubscriptions, MessageSubscription, ShownMismatch } from "./interface.ts";
import { type DeliverySightRow, sightColumns, sightOf } from "./list-deliveries.ts";
import { readLastAttempts } from "./list-receivers.ts";
import { shownMismatches } from "./mismatches.ts";

interface ListedRow extends SubscriptionRow {
  readonly deleted_at: number | null;
}

/** The columns of the delivery are null without a delivery. */
type FoundRow = ListedRow & (DeliverySightRow | { readonly state: null });

export async function listMessageSubscriptions(
  context: ReadContext,
  params: ListMessageSubscriptions,
): Promise<Page<MessageSubscription, SubscriptionId>> {
  const message = await readMessage(context, params);
  if (message === null) return { items: [], next: null };
  const { rows, next } = await readPage(context, message, params);
  const ids = rows.map((row) => row.id);
  const [throttleStateOf, lastAttempts, isWaiting] = await Promise.all([
    readThrottleStates(context, ids),
    readLastAttempts(context, message.id, ids),
    readFanOut(context, message),
  ]);
  const found = rows.map((row) => ({ ...subscriptionOf(context, row, throttleStateOf(row.id)), row }));
  const unmade = found.filter(({ row, id }) => row.state === null && !isWaiting(id));
  const mismatches = await readMismatches(context, message, unmade);
  const items = found.map(({ row, ...subscription }) => ({
    ...subscription,
    deletedAt: row.deleted_at,
    delivery: row.state === null ? null : sightOf(row),
    lastAttemptAt: lastAttempts.get(subscription.id) ?? null,
    waitsForFanOut: row.state === null && isWaiting(subscription.id),
    mismatch: mismatches.get(subscription.id) ?? null,
  }));
  return { items, next };
}

const columns = "subscription.*, recent, failing_since";
const health = "left join subscription_health on subscription_health.subscription_id = subscription.id";
const hasNoDelivery =
  "not exists (select 1 from delivery where message_id = ? and delivery.subscription_id = subscription.id)";

/** Deliveries, and subscriptions without one, are found through different indexes; the newest of all are the page. */
export async function readPage(
  { sql }: ReadContext,
  { id: messageId, organizationId }: Pick<Message, "id" | "organizationId">,
  { cursor, limit }: ListMessageSubscriptions,
): Promise<{ rows: readonly FoundRow[]; next: SubscriptionId | null }> {
  const before = cursor ?? lastId;
  const made = await sql.all<FoundRow>(
    `select ${columns}, ${sightColumns} from delivery join subscription on subscription.id = delivery.subscription_id ${health}
     where message_id = ? and delivery.organization_id = ? and delivery.subscription_id < ?
     order by delivery.subscription_id desc limit ?`,
    messageId,
    organizationId,
    before,
    limit + 1,
  );
  // Ids sort by time: a subscription with a greater id is newer than the message.
  const existing = [before as string, messageId as string].sort()[0] ?? before;
  const live = await sql.all<ListedRow>(
    `select ${columns} from subscription ${health}
     where organization_id = ? and deleted_at is null and subscription.id < ? and ${hasNoDelivery}
     order by subscription.id desc limit ?`,
    organizationId,
    existing,
    messageId,
    limit + 1,
  );
  // Any number of subscriptions may have been deleted before the message was accepted, so only a bounded number is
  // examined.
  const looked = await sql.all<{ id: SubscriptionId; deleted_at: number }>(
    `select id, deleted_at from subscription where organization_id = ? and deleted_at is not null and id < ?
     order by id desc limit ?`,
    organizationId,
    existing,
    limits.deletedSubscriptionsExaminedMax,
  );
  const acceptedAt = timeOfId(messageId);
  const deleted = await sql.all<ListedRow>(
    `select ${columns} from subscription ${health} where ${sql.dialect.isOneOf("subscription.id")} and ${hasNoDelivery}`,
    JSON.stringify(looked.filter(({ deleted_at }) => deleted_at >= acceptedAt).map(({ id }) => id)),
    messageId,
  );
  const isCut = looked.length === limits.deletedSubscriptionsExaminedMax;
  const end = isCut ? (looked.at(-1)?.id ?? null) : null;
  const found = [...made, ...[...live, ...deleted].map((row) => ({ ...row, state: null }))]
    .filter(({ id }) => end === null || id >= end)
    .sort((a, b) => (a.id < b.id ? 1 : -1));
  const rows = found.slice(0, limit);
  return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : end };
}

/** The subscriptions that the fan-out of a message has not reached yet. */
async function readFanOut(
  { sql }: ReadContext,
  message: Message,
): Promise<(subscriptionId: SubscriptionId) => boolean> {
  const waiting = await sql.get<{ after_subscription_id: SubscriptionId | null }>(
    "select after_subscription_id from fan_out where organization_id = ? and message_id = ?",
    message.organizationId,
    message.id,
  );
  if (waiting === null) return () => false;
  const { after_subscription_id: last } = waiting;
  return (subscriptionId) => last === null || subscriptionId > last;
}

/** Why the message did not go to these subscriptions; those that it would go to by their present settings are left out. */
async function readMismatches(
  { sql }: ReadContext,
  message: Message,
  subscriptions: readonly Subscription[],
): Promise<ReadonlyMap<SubscriptionId, ShownMismatch>> {
  if (subscriptions.length === 0) return new Map();
  const tested = await sql.get<{ test_subscription_id: SubscriptionId | null }>(
    "select test_subscription_id from message where id = ?",
    message.id,
  );
  if ((tested?.test_subscription_id ?? null) !== null)
    return new Map(subscriptions.map(({ id }) => [id, { kind: "test" }]));
  const mismatches = shownMismatches(message, subscriptions);
  return new Map(
    subscriptions.flatMap(({ id }, index) => {
      const mismatch = mismatches[index] ?? null;
      return mismatch === null ? [] : [[id, mismatch]];
    }),
  );
}
