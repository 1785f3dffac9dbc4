import { z } from "zod";
import { deliveryStates } from "../domain/delivery.ts";
import { ApiError } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import type { MessageReceiver } from "../store/attempt-store.ts";
import type { Store } from "../store/store.ts";
import { idIn, messageKind, notFound } from "./ids.ts";
import { answerListById, cursorIn, pageQuery } from "./pages.ts";
import { AnswerText, type Route, route } from "./route.ts";
import { heldBackAnswer, heldBackOf } from "./subscription-schemas.ts";
import { isoTime, timeAnswer } from "./times.ts";

const deliveryAnswer = z
  .object({
    subscription_id: z.uuid(),
    url: z.string().describe("The subscription's, as it is now."),
    state: z.enum(deliveryStates),
    attempts: z.int().describe("Made so far."),
    last_attempt_at: timeAnswer.nullable(),
    next_attempt_at: timeAnswer.nullable().describe("While one is due."),
    held_back: heldBackAnswer,
  })
  .meta({ id: "MessageDelivery", description: "A message on its way to one subscription." });

type MessageStore = Pick<Store, "readMessage" | "listReceivers">;

/** Where a message went, and what it carried. */
export function messageDeliveryRoutes(store: MessageStore): Route[] {
  return [listDeliveries(store), getPayload(store)];
}

function listDeliveries(store: MessageStore): Route {
  return route({
    method: "GET",
    path: "/webhooks/messages/:message_id/deliveries",
    operation: "listMessageDeliveries",
    tag: "webhooks",
    summary: "List a message's deliveries, to deleted subscriptions too, newest subscription first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object(pageQuery),
    answer: z.array(deliveryAnswer),
    handle: async ({ caller, params, query: { limit, cursor }, nextPage }) => {
      const key = {
        organizationId: caller.organizationId,
        messageId: idIn<"message">(params, "message_id", messageKind),
      };
      if ((await store.readMessage(key)) === null) throw notFound(messageKind.noun);
      return await answerListById({
        limit,
        cursor: cursorIn<"subscription">(cursor, "ep"),
        read: (part) => store.listReceivers({ ...key, ...part, newestFirst: true }),
        answerOf: deliveryOf,
        nextPage,
        step: limits.pageStepOfLarge,
      });
    },
  });
}

function deliveryOf({ id, url, delivery, lastAttemptAt, holdBack }: MessageReceiver): z.input<typeof deliveryAnswer> {
  const { state, attempts, nextAttemptAt } = delivery;
  return {
    subscription_id: id,
    url,
    state,
    attempts,
    last_attempt_at: lastAttemptAt === null ? null : isoTime(lastAttemptAt),
    next_attempt_at: nextAttemptAt === null ? null : isoTime(nextAttemptAt),
    held_back: state === "due" ? heldBackOf(holdBack) : null,
  };
}

function getPayload(store: MessageStore): Route {
  return route({
    method: "GET",
    path: "/webhooks/messages/:message_id/payload",
    operation: "getMessagePayload",
    tag: "webhooks",
    summary: "Get a message's payload, byte for byte as it was accepted and is sent",
    scope: "read",
    answer: z.string(),
    mediaType: "text/plain",
    handle: async ({ caller, params }) => {
      const { organizationId } = caller;
      const messageId = idIn<"message">(params, "message_id", messageKind);
      const message = await store.readMessage({ organizationId, messageId });
      if (message === null) throw notFound(messageKind.noun);
      if (message.payloadDeletedAt !== null) {
        throw new ApiError("payload_deleted", "The payload of this message was deleted: there is nothing to show.");
      }
      return new AnswerText(message.payload, "text/plain; charset=utf-8");
    },
  });
}
