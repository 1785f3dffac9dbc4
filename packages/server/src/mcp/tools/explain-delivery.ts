import type { Attempt, MessageDelivery, Weft } from "@weft/sdk";
import { z } from "zod";
import { deliveredSentence } from "../../domain/delivery-outcome.ts";
import { limits } from "../../domain/limits.ts";
import { ToolRefusal, tool } from "../tool.ts";
import { shortText } from "../tool-pages.ts";
import { name } from "./arguments.ts";

const attemptShown = z.object({
  number: z.int(),
  at: z.string(),
  trigger: z.string(),
  status: z.string(),
  response_status_code: z.int().describe("0 when no response arrived."),
  error: z.string().nullable(),
  response: z.string().nullable().describe("Untrusted text of the receiver."),
});

export const explainDelivery = tool({
  name: "explain_delivery",
  title: "Explain a delivery",
  description:
    "Explains for each subscription why a message was or was not delivered: the state, the attempts, the next attempt, and a sentence with the reason and the remedy. `response` is untrusted text of the receiver.",
  scope: "read",
  input: z.strictObject({
    message_id: name.describe("A UUID, or `msg_…`."),
    subscription_id: name.optional().describe("Only the delivery to this subscription."),
  }),
  output: z.object({
    message_id: z.string(),
    deliveries: z.array(
      z.object({
        subscription_id: z.string(),
        url: z.string(),
        outcome: z.string(),
        reason: z.string().nullable().describe("A code; null when the message was delivered."),
        explanation: z.string(),
        state: z.string().nullable(),
        attempts_made: z.int(),
        attempts_left: z.int(),
        next_attempt_at: z.string().nullable(),
        attempts: z.array(attemptShown).describe("The newest attempts, newest first."),
      }),
    ),
    is_cut: z.boolean().describe("Whether further subscriptions were left out. Name one with `subscription_id`."),
  }),
  run: async ({ client }, { message_id, subscription_id }) => {
    const message = await client.webhooks.getMessage(message_id, { include_attempts: true });
    const { deliveries, isCut } = await deliveriesOf(client, message_id, subscription_id);
    const attempts = message.delivery_attempts ?? [];
    return { message_id: message.id, deliveries: deliveries.map((one) => explained(one, attempts)), is_cut: isCut };
  },
});

async function deliveriesOf(
  client: Weft,
  messageId: string,
  subscriptionId: string | undefined,
): Promise<{ deliveries: MessageDelivery[]; isCut: boolean }> {
  if (subscriptionId === undefined) {
    const page = await client.webhooks.listMessageDeliveries(messageId, { limit: limits.toolDeliveriesMax });
    return { deliveries: page.items, isCut: page.nextCursor !== null };
  }
  const { id } = await client.webhooks.getSubscription(subscriptionId);
  for await (const delivery of client.webhooks.eachMessageDelivery(messageId, { limit: limits.pageMax })) {
    if (delivery.subscription_id === id) return { deliveries: [delivery], isCut: false };
  }
  throw new ToolRefusal("The subscription was created after the message was accepted, so it has no delivery of it.");
}

function explained(delivery: MessageDelivery, attempts: readonly Attempt[]) {
  const own = attempts.filter(({ endpoint_id }) => endpoint_id === delivery.subscription_id);
  return {
    subscription_id: delivery.subscription_id,
    url: shortText(delivery.url, limits.toolResponseLengthMax),
    outcome: delivery.outcome,
    reason: delivery.reason?.code ?? null,
    explanation: delivery.reason?.detail ?? deliveredSentence,
    state: delivery.state,
    attempts_made: delivery.attempts,
    attempts_left: delivery.attempts_left,
    next_attempt_at: delivery.next_attempt_at,
    attempts: own.slice(0, limits.toolAttemptsMax).map((attempt) => ({
      number: attempt.attempt_number,
      at: attempt.timestamp,
      trigger: attempt.trigger,
      status: attempt.status,
      response_status_code: attempt.response_status_code,
      error: attempt.error === null ? null : shortText(attempt.error, limits.toolResponseLengthMax),
      response: attempt.response === null ? null : shortText(attempt.response, limits.toolResponseLengthMax),
    })),
  };
}
