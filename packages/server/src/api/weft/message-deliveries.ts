import { z } from "zod";
import { deliveryStates } from "../../domain/delivery.ts";
import { deliveryOutcomes, explainOutcome, outcomeReasons } from "../../domain/delivery-outcome.ts";
import { ApiError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import { idIn, messageKind, notFound } from "../../http/ids.ts";
import { cursorIn, pageQuery, readInSteps } from "../../http/pages.ts";
import { type Route, route, TextResponse } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { DeliverySight, MessageSubscription } from "../../store/deliveries/interface.ts";
import type { Store } from "../../store/store.ts";
import { differingFilter, filterOf } from "./differing-filter.ts";
import { heldBackOf, heldBackResponse } from "./subscription-schemas.ts";

const deliveryResponse = z
  .object({
    subscription_id: z.uuid(),
    url: z.string().describe("The subscription's current URL."),
    outcome: z
      .enum(deliveryOutcomes)
      .describe(
        "`not_matched`: the message does not match the subscription. `missing`: it matches the current settings, but no delivery was created.",
      ),
    reason: z
      .object({
        code: z.enum(outcomeReasons),
        detail: z.string(),
        since: timeResponse
          .nullable()
          .describe("When it began, where that is known: for `disabled`, and for an open circuit."),
        filter: differingFilter,
      })
      .nullable()
      .describe("Why it was not delivered; null when it was."),
    settings: z
      .enum(["unchanged", "changed"])
      .nullable()
      .describe(
        "For a subscription without a delivery, which is compared by its current settings: whether these may have changed since the message was accepted.",
      ),
    state: z.enum(deliveryStates).nullable().describe("Null when no delivery was created."),
    attempts: z.int().describe("The number of attempts so far."),
    attempts_left: z
      .int()
      .describe("The number of further attempts by the retry schedule, if they fail; 0 for a delivery that has ended."),
    last_attempt_at: timeResponse.nullable(),
    next_attempt_at: timeResponse.nullable().describe("Null unless an attempt is due."),
    held_back: heldBackResponse,
  })
  .meta({ id: "MessageDelivery", description: "The state of a message at one subscription." });

interface MessageDeliveryParts {
  readonly store: Pick<Store, "readMessage" | "listMessageSubscriptions">;
  readonly now: () => number;
  /** The retry schedule of subscriptions without one of their own. */
  readonly retry: { readonly delaysMs: readonly number[] };
}

/** Where a message was sent, and its payload. */
export function messageDeliveryRoutes(parts: MessageDeliveryParts): Route[] {
  return [listDeliveries(parts), getPayload(parts)];
}

function listDeliveries({ store, now, retry }: MessageDeliveryParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/messages/:message_id/deliveries",
    operation: "listMessageDeliveries",
    tag: "webhooks",
    summary:
      "List all subscriptions that existed when a message was accepted, with the state of its delivery and the reason, newest subscription first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object(pageQuery),
    response: z.array(deliveryResponse),
    handle: async ({ caller, params, query: { limit, cursor }, nextPage }) => {
      const key = {
        organizationId: caller.organizationId,
        messageId: idIn<"message">(params, "message_id", messageKind),
      };
      const message = await store.readMessage(key);
      if (message === null) throw notFound(messageKind.noun);
      const at = { now: now(), retryDelaysMs: retry.delaysMs };
      const { texts, next } = await readInSteps({
        limit,
        cursor: cursorIn<"subscription">(cursor, "ep"),
        read: (part) => store.listMessageSubscriptions({ ...key, ...part }),
        cursorOf: ({ id }) => id,
        textOf: (subscription) => JSON.stringify(deliveryOf(message, subscription, at)),
        step: limits.pageStepOfLarge,
      });
      if (next !== null) nextPage(next);
      return new TextResponse(`[${texts.join(",")}]`);
    },
  });
}

/** A delivery that waits or is being sent has the next attempt, and one for each delay that is left. */
function attemptsLeft(delivery: DeliverySight | null, delays: number): number {
  if (delivery?.state !== "due" && delivery?.state !== "claimed") return 0;
  return 1 + Math.max(0, delays - delivery.scheduleStep);
}

function deliveryOf(
  message: Message,
  subscription: MessageSubscription,
  { now, retryDelaysMs }: { readonly now: number; readonly retryDelaysMs: readonly number[] },
): z.input<typeof deliveryResponse> {
  const { id, target, delivery, lastAttemptAt, throttleState, mismatch, updatedAt, waitsForFanOut } = subscription;
  const { payloadDeletedAt, createdAt } = message;
  const { outcome, reason, detail, since } = explainOutcome({ ...subscription, payloadDeletedAt }, now);
  const isEvaluated = delivery === null && !waitsForFanOut;
  return {
    subscription_id: id,
    url: target.url,
    outcome,
    reason:
      reason === null
        ? null
        : { code: reason, detail, since: timeOrNull(since), filter: mismatch === null ? null : filterOf(mismatch) },
    settings: isEvaluated ? (updatedAt > createdAt ? "changed" : "unchanged") : null,
    state: delivery?.state ?? null,
    attempts: delivery?.attempts ?? 0,
    attempts_left: attemptsLeft(delivery, (subscription.retryDelaysMs ?? retryDelaysMs).length),
    last_attempt_at: timeOrNull(lastAttemptAt),
    next_attempt_at: timeOrNull(delivery?.nextAttemptAt ?? null),
    held_back: delivery?.state === "due" ? heldBackOf(throttleState) : null,
  };
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}

function getPayload({ store }: MessageDeliveryParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/messages/:message_id/payload",
    operation: "getMessagePayload",
    tag: "webhooks",
    summary: "Get a message's payload, byte for byte as it was accepted and is sent",
    scope: "read",
    response: z.string(),
    mediaType: "text/plain",
    handle: async ({ caller, params }) => {
      const { organizationId } = caller;
      const messageId = idIn<"message">(params, "message_id", messageKind);
      const message = await store.readMessage({ organizationId, messageId });
      if (message === null) throw notFound(messageKind.noun);
      if (message.payloadDeletedAt !== null) {
        throw new ApiError("payload_deleted", "The payload of this message was deleted, so it cannot be shown.");
      }
      return new TextResponse(message.payload, "text/plain; charset=utf-8");
    },
  });
}
