import { randomBytes } from "node:crypto";
import { type WeftClient, WeftConnectionError } from "@weft/sdk";

/** Identifies the subscriptions that this command created. */
const description = "Created by weft inbox";

/** A new signing secret, so that the inbox can verify before the subscription exists. */
export function newInboxSecret(): string {
  return `whsec_${randomBytes(24).toString("base64")}`;
}

export interface InboxSubscription {
  readonly url: string;
  readonly eventTypes: readonly string[];
  readonly secret: string;
}

/**
 * Subscribes a running inbox until it stops. A subscription that an earlier inbox with this URL left behind, because its process
 * was killed, is replaced.
 */
export async function subscribeInbox(
  { webhooks }: WeftClient,
  { url, eventTypes, secret }: InboxSubscription,
): Promise<AsyncDisposable & { readonly id: string }> {
  for await (const found of webhooks.eachSubscription({ search: url })) {
    if (found.url === url && found.description === description) await webhooks.deleteSubscription(found.id);
  }
  const { id } = await webhooks.createSubscription({ url, event_types: [...eventTypes], description, secret });
  return {
    id,
    async [Symbol.asyncDispose]() {
      try {
        await webhooks.deleteSubscription(id);
      } catch (error) {
        // Weft has stopped. The next inbox with this URL replaces the subscription.
        if (!(error instanceof WeftConnectionError)) throw error;
      }
    },
  };
}
