import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { ResendResult } from "../delivery-store.ts";
import { readMessage } from "./messages.ts";
import type { Writing } from "./transaction.ts";

interface ResendParams {
  readonly organizationId: OrganizationId;
  readonly messageId: MessageId;
  readonly subscriptionId: SubscriptionId | null;
  readonly now: number;
}

export function resendMessage(writing: Writing, params: ResendParams): ResendResult {
  if (readMessage(writing, params) === null) return { kind: "message_not_found" };
  const { subscriptionId } = params;
  if (subscriptionId === null) {
    const subscriptionIds = enabledReceivers(writing, params);
    for (const id of subscriptionIds) makeDue(writing, params, id);
    return { kind: "resent", subscriptionIds };
  }
  const subscription = writing.db.get<{ disabled_reason: string | null }>(
    "select disabled_reason from subscription where id = ? and organization_id = ? and deleted_at is null",
    subscriptionId,
    params.organizationId,
  );
  if (subscription === null) return { kind: "subscription_not_found" };
  if (subscription.disabled_reason !== null) return { kind: "subscription_disabled" };
  makeDue(writing, params, subscriptionId);
  return { kind: "resent", subscriptionIds: [subscriptionId] };
}

function enabledReceivers({ db }: Writing, { messageId }: ResendParams): SubscriptionId[] {
  return db
    .all<{ id: SubscriptionId }>(
      `select subscription.id from delivery join subscription on subscription.id = subscription_id
       where message_id = ? and deleted_at is null and disabled_reason is null order by subscription.id`,
      messageId,
    )
    .map((row) => row.id);
}

// What is on its way already stays so: it is being sent this moment.
function makeDue(
  writing: Writing,
  { organizationId, messageId, now }: ResendParams,
  subscriptionId: SubscriptionId,
): void {
  writing.db.run(
    `insert into delivery (message_id, subscription_id, organization_id, state, trigger, attempts, schedule_step, due_at)
     values (?, ?, ?, 'due', 'manual', 0, 0, ?)
     on conflict do update set state = 'due', trigger = 'manual', schedule_step = 0, due_at = excluded.due_at
     where state <> 'claimed'`,
    messageId,
    subscriptionId,
    organizationId,
    now,
  );
  writing.spilled.add(subscriptionId);
}
