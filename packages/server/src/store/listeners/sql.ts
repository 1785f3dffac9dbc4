import type { ClaimedDelivery } from "../../domain/delivery.ts";
import type { MessageId, NodeId, OrganizationId } from "../../domain/id.ts";
import type { DisabledReason } from "../../domain/subscription.ts";
import type { DeliveryKey } from "../deliveries/interface.ts";
import type { CommandsOf, QueriesOf } from "../operations.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";
import type { ListenerSight, ListenerStore } from "./interface.ts";

export const lookUps = { readListener, readClaimed, findSilentListeners } satisfies QueriesOf<ListenerStore>;

export const commands = { claimForListener, noteHeard } satisfies CommandsOf<ListenerStore>;

async function readListener(
  { sql }: ReadContext,
  { organizationId, subscriptionId, nodeId }: SubscriptionKey & { nodeId: NodeId },
): Promise<ListenerSight | null> {
  return await sql.get<ListenerSight & { readonly disabledReason: DisabledReason | null }>(
    `select disabled_reason as "disabledReason",
       (select cast(count(*) as integer) from delivery
        where state = 'claimed' and subscription_id = subscription.id and node_id = ?) as held,
       (select due_at from delivery where state = 'due' and subscription_id = subscription.id
        order by due_at limit 1) as "dueAt"
     from subscription where id = ? and organization_id = ? and target = 'listener' and deleted_at is null`,
    nodeId,
    subscriptionId,
    organizationId,
  );
}

async function claimForListener(
  { sql }: WriteContext,
  params: SubscriptionKey & { nodeId: NodeId; now: number; limit: number },
): Promise<ClaimedDelivery[]> {
  const { organizationId, subscriptionId, nodeId, now, limit } = params;
  // Locked, so that it does not expire before the commit: no node would rescue its new claims.
  const alive = `select 1 as found from node where id = ? and expired_at is null ${sql.dialect.forUpdate}`;
  if ((await sql.get(alive, nodeId)) === null) return [];
  const due = await sql.all<{ message_id: MessageId }>(
    `select message_id from delivery
     where state = 'due' and subscription_id = ? and due_at <= ?
       and subscription_id in (select id from subscription
         where id = ? and organization_id = ? and target = 'listener' and deleted_at is null
           and disabled_reason is null)
       and (after_id is null or not exists (
         select 1 from delivery as first
         where first.message_id = delivery.after_id and first.subscription_id = delivery.subscription_id
           and first.attempts = 0 and (first.state = 'due' or (first.state = 'claimed' and first.node_id <> ?))))
     order by due_at, message_id limit ? ${sql.dialect.forUpdateSkipLocked}`,
    subscriptionId,
    now,
    subscriptionId,
    organizationId,
    nodeId,
    limit,
  );
  const claimed: ClaimedDelivery[] = [];
  for (const { message_id: messageId } of due) {
    const found = await sql.get<ClaimedRow>(
      `${selectClaimed} and state = 'due'`,
      messageId,
      subscriptionId,
      organizationId,
    );
    const isSent = found !== null && found.payload_deleted_at === null;
    await sql.run(
      "update delivery set state = ?, node_id = ? where message_id = ? and subscription_id = ? and state = 'due'",
      isSent ? "claimed" : "cancelled",
      isSent ? nodeId : null,
      messageId,
      subscriptionId,
    );
    if (isSent) claimed.push(claimedOf(found));
  }
  return claimed;
}

async function readClaimed(
  { sql }: ReadContext,
  params: DeliveryKey & { organizationId: OrganizationId; nodeId: NodeId },
): Promise<ClaimedDelivery | null> {
  const { messageId, subscriptionId, organizationId, nodeId } = params;
  const row = await sql.get<ClaimedRow>(
    `${selectClaimed} and state = 'claimed' and node_id = ?`,
    messageId,
    subscriptionId,
    organizationId,
    nodeId,
  );
  return row === null ? null : claimedOf(row);
}

async function noteHeard(
  { sql }: WriteContext,
  { organizationId, subscriptionId, now }: SubscriptionKey & { now: number },
): Promise<null> {
  await sql.run(
    "update subscription set listener_heard_at = ? where id = ? and organization_id = ? and listener_heard_at < ?",
    now,
    subscriptionId,
    organizationId,
    now,
  );
  return null;
}

function findSilentListeners(
  { sql }: ReadContext,
  { heardBefore, limit }: { heardBefore: number; limit: number },
): Promise<SubscriptionKey[]> {
  return sql.all<SubscriptionKey>(
    `select id as "subscriptionId", organization_id as "organizationId" from subscription
     where target = 'listener' and deleted_at is null and listener_heard_at < ? order by id limit ?`,
    heardBefore,
    limit,
  );
}

const selectClaimed = `
  select message_id, subscription_id, delivery.organization_id, payload, content_type, payload_deleted_at, trigger, attempts,
    schedule_step, event_type, due_at, trace_context
  from delivery join message on message.id = message_id
  where message_id = ? and subscription_id = ? and delivery.organization_id = ?`;

interface ClaimedRow {
  readonly message_id: MessageId;
  readonly subscription_id: ClaimedDelivery["subscriptionId"];
  readonly organization_id: OrganizationId;
  readonly payload: string;
  readonly content_type: string | null;
  readonly payload_deleted_at: number | null;
  readonly trigger: ClaimedDelivery["trigger"];
  readonly attempts: number;
  readonly schedule_step: number;
  readonly event_type: string;
  readonly due_at: number;
  readonly trace_context: string | null;
}

function claimedOf(row: ClaimedRow): ClaimedDelivery {
  return {
    messageId: row.message_id,
    subscriptionId: row.subscription_id,
    organizationId: row.organization_id,
    payload: row.payload,
    contentType: row.content_type,
    trigger: row.trigger,
    attempts: row.attempts,
    scheduleStep: row.schedule_step,
    ordered: false,
    eventType: row.event_type,
    dueAt: row.due_at,
    traceContext: row.trace_context,
  };
}
