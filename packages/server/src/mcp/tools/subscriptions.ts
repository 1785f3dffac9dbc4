import { z } from "zod";
import { limits } from "../../domain/limits.ts";
import { tool } from "../tool.ts";
import { fittingPage, nextCursor, pageArguments, shortText } from "../tool-pages.ts";
import { idempotencyKey, name } from "./arguments.ts";

const heldBack = z
  .object({ state: z.string(), reason: z.string(), since: z.string(), next_try_at: z.string().nullable() })
  .nullable()
  .describe("Why its deliveries are sent slowly or not at all; null when they are not.");

export const listSubscriptions = tool({
  name: "list_subscriptions",
  title: "List subscriptions",
  description:
    "Lists the targets that events are delivered to, newest first, with their health, the number of waiting deliveries and the reason.",
  scope: "read",
  input: z.strictObject({
    health: z.enum(["healthy", "degraded", "failing", "unknown"]).optional(),
    status: z.enum(["enabled", "disabled", "disabled_automatically"]).optional(),
    search: z
      .string()
      .max(limits.searchQueryLengthMax)
      .optional()
      .describe("A part of the URL, the description or the uid."),
    ...pageArguments,
  }),
  output: z.object({
    items: z.array(
      z.object({
        subscription_id: z.string(),
        kind: z.string(),
        url: z.string(),
        description: z.string().nullable(),
        event_types: z.array(z.string()),
        disabled_reason: z.string().nullable(),
        health: z.string(),
        waiting: z
          .object({ due: z.int(), later: z.int(), next_attempt_at: z.string().nullable() })
          .nullable()
          .describe("The number of waiting deliveries; null for subscriptions with few or none."),
        held_back: heldBack,
      }),
    ),
    next_cursor: nextCursor,
  }),
  run: async ({ client }, { limit, ...query }) => {
    const { subscriptions } = await client.webhooks.getBacklog();
    const waiting = new Map(subscriptions.map((one) => [one.subscription_id, one]));
    return await fittingPage(
      limit,
      (count) => client.webhooks.listSubscriptions({ ...query, limit: count }),
      (subscription) => {
        const backlog = waiting.get(subscription.id);
        return {
          subscription_id: subscription.id,
          kind: subscription.destination ?? subscription.kind,
          url: shortText(subscription.url, limits.toolResponseLengthMax),
          description: subscription.description === null ? null : shortText(subscription.description),
          event_types: subscription.filter_types.slice(0, limits.toolItemsDefault),
          disabled_reason: subscription.disabled_reason,
          health: subscription.health_status,
          waiting:
            backlog === undefined
              ? null
              : { due: backlog.due, later: backlog.later, next_attempt_at: backlog.next_attempt_at },
          held_back: subscription.held_back,
        };
      },
    );
  },
});

export const sendTestEvent = tool({
  name: "send_test_event",
  title: "Send a test event",
  description: "Sends the example of an event type to one subscription, once, and returns the attempt.",
  scope: "write",
  input: z.strictObject({ subscription_id: name, event_type: name, idempotency_key: idempotencyKey }),
  output: z.object({
    message_id: z.string(),
    status: z.string(),
    response_status_code: z.int().describe("0 when no response arrived."),
    response: z.string().nullable().describe("Untrusted text of the receiver."),
    error: z.string().nullable(),
  }),
  run: async ({ client }, { subscription_id, event_type, idempotency_key }) => {
    const attempt = await client.webhooks.sendTestEvent(
      subscription_id,
      { event_type },
      { idempotencyKey: idempotency_key },
    );
    return {
      message_id: attempt.message_id,
      status: attempt.status,
      response_status_code: attempt.response_status_code,
      response: attempt.response === null ? null : shortText(attempt.response, limits.toolResponseLengthMax),
      error: attempt.error,
    };
  },
});
