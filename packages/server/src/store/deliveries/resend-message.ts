import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { readMessage } from "../messages/read-messages.ts";
import type { WriteContext } from "../sql.ts";
import type { ResendResult } from "./interface.ts";

interface ResendParams {
  readonly organizationId: OrganizationId;
  readonly messageId: MessageId;
  readonly subscriptionId: SubscriptionId | null;
  readonly now: number;
}

export async function resendMessage(context: WriteContext, params: ResendParams): Promise<ResendResult> {
  const message = await readMessage(context, params);
  if (message === null) return { kind: "message_not_found" };
  if (message.payloadDeletedAt !== null) return { kind: "payload_deleted" };
  const { subscriptionId } = params;
  if (subscriptionId === null) {
    const subscriptionIds = await enabledReceivers(context, params);
    await makeDue(context, params, subscriptionIds);
    return { kind: "resent", subscriptionIds };
  }
  const subscription = await context.sql.get<{ disabled_reason: string | null }>(
    "select disabled_reason from subscription where id = ? and organization_id = ? and deleted_at is null",
    subscriptionId,
    params.organizationId,
  );
  if (subscription === null) return { kind: "subscription_not_found" };
  if (subscription.disabled_reason !== null) return { kind: "subscription_disabled" };
  await makeDue(context, params, [subscriptionId]);
  return { kind: "resent", subscriptionIds: [subscriptionId] };
}

async function enabledReceivers({ sql }: WriteContext, { messageId }: ResendParams): Promise<SubscriptionId[]> {
  const rows = await sql.all<{ id: SubscriptionId }>(
    `select subscription.id from delivery join subscription on subscription.id = subscription_id
       where message_id = ? and deleted_at is null and disabled_reason is null order by subscription.id`,
    messageId,
  );
  return rows.map((row) => row.id);
}

// A claimed delivery is being sent at this moment and stays as it is.
async function makeDue(
  context: WriteContext,
  { organizationId, messageId, now }: ResendParams,
  subscriptionIds: readonly SubscriptionId[],
): Promise<void> {
  await context.sql.runEach(
    `insert into delivery (message_id, subscription_id, organization_id, state, trigger, attempts, schedule_step, due_at)
     values (?, ?, ?, 'due', 'manual', 0, 0, ?)
     on conflict (message_id, subscription_id) do update set state = 'due', trigger = 'manual', schedule_step = 0, due_at = excluded.due_at
     where delivery.state <> 'claimed'`,
    subscriptionIds.map((id) => [messageId, id, organizationId, now]),
  );
  for (const id of subscriptionIds) context.deliveriesDue(id);
}
