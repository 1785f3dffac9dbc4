import { z } from "zod";
import { deliveryStates } from "../../domain/delivery.ts";
import { ApiError } from "../../domain/errors.ts";
import type { WrittenField } from "../../domain/filters.ts";
import { type OrganizationId, parseId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { type Message, messageStatuses, shownPayload } from "../../domain/message.ts";
import { payloadExcerpt } from "../../domain/payload-excerpt.ts";
import type { EventTypes } from "../../event-types/event-types.ts";
import { idIn, messageKind, notFound, subscriptionKind } from "../../http/ids.ts";
import { keptText } from "../../http/kept-text.ts";
import { cursorIn, pageQuery } from "../../http/pages.ts";
import { flag, severalTexts } from "../../http/query-values.ts";
import { type Route, route, TextResponse } from "../../http/route.ts";
import { isoTime, timeRequest, timeResponse } from "../../http/times.ts";
import { anyAttemptListItem } from "../../store/attempts/interface.ts";
import { anyMessage } from "../../store/messages/interface.ts";
import type { Store } from "../../store/store.ts";
import { attemptedIn, attemptResponse, fittingAttempts, statusClass } from "./attempt-schemas.ts";
import { selectedTypes, wildcardsText } from "./event-type-filter.ts";

const messageFields = {
  id: z.uuid(),
  event_type: z.string(),
  payload: z
    .record(z.string(), z.unknown())
    .describe("The accepted payload, byte for byte. A payload that is not JSON is shown as `rawPayload`."),
  timestamp: timeResponse.describe("When it was accepted."),
  channels: z.array(z.string()).describe("The channels that it was published to, or otherwise the event type."),
  event_id: z.string().nullable().describe("The publisher's own id of the event."),
  tags: z.array(z.string()).nullable(),
  excerpt: z
    .string()
    .nullable()
    .describe("A few fields of the payload on one line; null for a payload without simple fields."),
  deliveries: z
    .object({ due: z.int(), delivered: z.int(), failed: z.int(), skipped: z.int(), cancelled: z.int() })
    .describe("The number of deliveries in each state; `due` are those that are waiting or being sent."),
};

const endpointFields = z.object({
  subscription_id: z.uuid(),
  url: z.string(),
  state: z.enum(deliveryStates),
  response_status_code: z.int().nullable().describe("The response to the newest attempt; null without a response."),
  error: z.string().nullable().describe("The error of the newest attempt; null without an error."),
});

const messageResponse = z
  .object({
    ...messageFields,
    endpoints: z
      .array(endpointFields)
      .optional()
      .describe(`With \`include_endpoints\`: at most ${limits.endpointsShownMax} deliveries, failed ones first.`),
  })
  .meta({ id: "Message", description: "One accepted event." });

const messageWithAttempts = z
  .object({ ...messageFields, delivery_attempts: z.array(attemptResponse).nullable() })
  .meta({
    id: "MessageWithAttempts",
    description: "A message, with its attempts (newest first) if they were requested.",
  });

const payloadFields = z
  .union([z.string(), z.array(z.string()).max(limits.payloadFieldsMax)])
  .transform((given, context): WrittenField[] =>
    [given].flat().map((text) => {
      const end = text.indexOf(":");
      if (end < 1) context.addIssue({ code: "custom", message: "Expected FIELD:VALUE, such as source_type:github." });
      return { field: text.slice(0, end), text: text.slice(end + 1) };
    }),
  )
  .optional();

const listQuery = z.object({
  ...pageQuery,
  event_types: severalTexts.describe(`Only these event types; may be repeated. ${wildcardsText}`),
  since: timeRequest.optional().describe("Accepted at this time or later."),
  until: timeRequest.optional().describe("Accepted before this time."),
  subscription_id: z.string().optional().describe("Only messages with a delivery to this subscription."),
  status: z.enum(messageStatuses).optional().describe("The outcome of its deliveries."),
  status_class: statusClass.describe(
    "Only messages with an attempt whose response is of this class. `no_response`: no response arrived. A page may be short or empty without being the last one.",
  ),
  attempted_since: timeRequest
    .optional()
    .describe("Only messages with an attempt that began at this time or later, and that is of the `status_class`."),
  attempted_until: timeRequest
    .optional()
    .describe("Only messages with an attempt that began before this time; see `attempted_since`."),
  event_id: keptText.optional().describe("Only the message with this publisher's own id."),
  include_tests: z.enum(["true", "false"]).optional().describe("Whether test events are listed; true by default."),
  include_endpoints: flag.describe("Adds a few deliveries of each message with their last result."),
  payload: payloadFields.describe(
    `\`FIELD:VALUE\`: only messages whose payload has this value in this field; may be repeated up to ${limits.payloadFieldsMax} times. The field has the form of subscription filters. The value is plain text, or a JSON number, true, false or null. Payloads are searched one by one, so a page may be short or empty without being the last one.`,
  ),
});

type MessageStore = Pick<
  Store,
  "listMessages" | "readMessage" | "listAttemptItems" | "resendMessage" | "countStates" | "summarizeDeliveries"
>;

interface MessageParts {
  readonly store: MessageStore;
  readonly catalogue: Pick<EventTypes, "typesFor">;
  readonly now: () => number;
}

export function messageRoutes({ store, catalogue, now }: MessageParts): Route[] {
  return [listMessages({ store, catalogue }), getMessage(store), resendMessage(store, now)];
}

function listMessages({ store, catalogue }: Pick<MessageParts, "store" | "catalogue">): Route {
  return route({
    method: "GET",
    path: "/webhooks/messages",
    operation: "listMessages",
    tag: "webhooks",
    summary: "List messages, newest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: listQuery,
    response: z.array(messageResponse),
    handle: async ({ caller, query, nextPage }) => {
      const { limit, cursor, subscription_id } = query;
      const subscriptionId = subscription_id === undefined ? null : parseId<"subscription">("ep", subscription_id);
      if (subscription_id !== undefined && subscriptionId === null) return new TextResponse("[]");
      const messages = await store.listMessages({
        ...anyMessage,
        organizationId: caller.organizationId,
        limit,
        cursor: cursorIn<"message">(cursor, "msg"),
        eventTypes: await selectedTypes(catalogue, caller.organizationId, query.event_types),
        since: query.since ?? null,
        until: query.until ?? null,
        subscriptionId,
        status: query.status ?? null,
        attempted: attemptedIn(query),
        eventId: query.event_id ?? null,
        payloadFields: query.payload ?? [],
        includesTests: query.include_tests !== "false",
      });
      if (messages.next !== null) nextPage(messages.next);
      const deliveriesOf = await readDeliveries(store, caller.organizationId, messages.items);
      const endpointsOf = query.include_endpoints
        ? await readEndpoints(store, caller.organizationId, messages.items)
        : () => ({});
      const texts = messages.items.map((item) => messageText(item, { ...deliveriesOf(item), ...endpointsOf(item) }));
      return new TextResponse(`[${texts.join(",")}]`);
    },
  });
}

function getMessage(store: MessageStore): Route {
  return route({
    method: "GET",
    path: "/webhooks/messages/:message_id",
    operation: "getMessage",
    tag: "webhooks",
    summary: "Get a message, optionally with its attempts",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({ include_attempts: flag }),
    response: messageWithAttempts,
    handle: async ({ caller, params, query }) => {
      const { organizationId } = caller;
      const messageId = idIn<"message">(params, "message_id", messageKind);
      const message = await store.readMessage({ organizationId, messageId });
      if (message === null) throw notFound(messageKind.noun);
      const attempts = query.include_attempts
        ? await store.listAttemptItems({
            organizationId,
            messageId,
            ...anyAttemptListItem,
            subscriptionId: null,
            cursor: null,
            limit: limits.attemptsInMessageMax,
          })
        : null;
      const deliveriesOf = await readDeliveries(store, organizationId, [message]);
      const more = { delivery_attempts: attempts === null ? null : fittingAttempts(attempts.items) };
      return new TextResponse(messageText(message, { ...deliveriesOf(message), ...more }));
    },
  });
}

function resendMessage(store: MessageStore, now: () => number): Route {
  return route({
    method: "POST",
    path: "/webhooks/messages/:message_id/resend",
    operation: "resendMessage",
    tag: "webhooks",
    summary: "Resend a message to one subscription, or to all that it was sent to",
    scope: "write",
    body: z.strictObject({ subscription_id: z.string().optional() }).nullish(),
    response: z
      .object({ message_id: z.uuid(), subscription_ids: z.array(z.uuid()) })
      .meta({ id: "Resend", description: "The subscriptions whose delivery of the message was re-queued." }),
    handle: async ({ caller, params, body }) => {
      const messageId = idIn<"message">(params, "message_id", messageKind);
      const requestedId = body?.subscription_id;
      const result = await store.resendMessage({
        organizationId: caller.organizationId,
        messageId,
        subscriptionId:
          requestedId === undefined ? null : idIn<"subscription">({ id: requestedId }, "id", subscriptionKind),
        now: now(),
      });
      switch (result.kind) {
        case "resent":
          return { message_id: messageId, subscription_ids: [...result.subscriptionIds] };
        case "message_not_found":
          throw notFound(messageKind.noun);
        case "payload_deleted":
          throw new ApiError("payload_deleted", "The payload of this message was deleted, so it cannot be sent.");
        case "subscription_not_found":
          throw notFound(subscriptionKind.noun);
        case "subscription_disabled":
          throw new ApiError("subscription_disabled", "The subscription is disabled. Enable it, then send again.");
      }
    },
  });
}

async function readDeliveries(
  store: Pick<Store, "countStates">,
  organizationId: OrganizationId,
  messages: readonly Message[],
): Promise<(message: Message) => { deliveries: z.input<typeof messageFields.deliveries> }> {
  const counted = await store.countStates({ organizationId, messageIds: messages.map(({ id }) => id) });
  const byMessage = new Map(counted.map(({ messageId, counts }) => [messageId, counts]));
  return ({ id }) => {
    const { due = 0, claimed = 0, delivered = 0, failed = 0, skipped = 0, cancelled = 0 } = byMessage.get(id) ?? {};
    return { deliveries: { due: due + claimed, delivered, failed, skipped, cancelled } };
  };
}

async function readEndpoints(
  store: Pick<Store, "summarizeDeliveries">,
  organizationId: OrganizationId,
  messages: readonly Message[],
): Promise<(message: Message) => { endpoints: z.input<typeof endpointFields>[] }> {
  const messageIds = messages.map(({ id }) => id);
  const perMessageMax = limits.endpointsShownMax;
  const summaries = await store.summarizeDeliveries({ organizationId, messageIds, perMessageMax });
  const byMessage = Map.groupBy(summaries, ({ messageId }) => messageId);
  return ({ id }) => ({
    endpoints: (byMessage.get(id) ?? []).map(({ subscriptionId, url, state, responseStatus, error }) => ({
      subscription_id: subscriptionId,
      url,
      state,
      response_status_code: responseStatus,
      error,
    })),
  });
}

/** The response contains the payload's own text, because parsing would lose numbers that JavaScript cannot represent. */
function messageText(message: Message, more: Record<string, unknown>): string {
  const head = JSON.stringify({ id: message.id, event_type: message.eventType });
  const tail = JSON.stringify({
    timestamp: isoTime(message.createdAt),
    channels: message.channels ?? [message.eventType],
    event_id: message.eventId,
    tags: message.tags,
    excerpt: message.payloadDeletedAt === null ? payloadExcerpt(message) : null,
    ...more,
  });
  return `${head.slice(0, -1)},"payload":${shownPayload(message)},${tail.slice(1)}`;
}
