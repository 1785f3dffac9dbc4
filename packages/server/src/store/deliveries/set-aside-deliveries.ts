// Deliveries of a disabled or deleted subscription that one commit moves. The others move when a claim finds them due.

import type { SubscriptionId } from "../../domain/id.ts";
import type { WriteContext } from "../sql.ts";

const movedAtOnce = 10_000;

/** Whether a subscription has ended, and waits to be deleted. */
export function hasExpired({ expires_at }: { readonly expires_at: number | null }, now: number): boolean {
  return expires_at !== null && expires_at <= now;
}

/** Moves the due deliveries of disabled or deleted subscriptions out of the way. */
export async function setAsideDeliveries(
  { sql }: WriteContext,
  subscriptionIds: readonly SubscriptionId[],
  state: "skipped" | "cancelled",
): Promise<void> {
  if (subscriptionIds.length === 0) return;
  await sql.run(
    `update delivery set state = ? where (message_id, subscription_id) in
       (select message_id, subscription_id from delivery
        where subscription_id in (${sql.dialect.eachId}) and state = 'due' limit ?)
       and state = 'due'`,
    state,
    JSON.stringify(subscriptionIds),
    movedAtOnce,
  );
}
