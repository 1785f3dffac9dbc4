import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { mismatchSentences, outcomeReasons } from "../../domain/delivery-outcome.ts";
import { type OrganizationId, parseId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { payloadExcerpt } from "../../domain/payload-excerpt.ts";
import type { EventTypes } from "../../event-types/event-types.ts";
import { notFound, subscriptionKind } from "../../http/ids.ts";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { MatchedMessage } from "../../store/deliveries/interface.ts";
import type { Store } from "../../store/store.ts";
import { differingFilter, filterOf } from "./differing-filter.ts";
import { namesMatching } from "./event-type-filter.ts";
import { filtersIn, filtersRequest } from "./subscription-filters.ts";
import { eventTypesRequest } from "./subscription-schemas.ts";

const matchRequest = z.strictObject({
  event_types: eventTypesRequest,
  filters: filtersRequest.optional(),
  subscription_id: z
    .string()
    .nullish()
    .describe("The subscription that would be changed. Its channels then count, because a change keeps them."),
  limit: z.int().min(1).max(limits.matchedMessagesMax).default(10).describe("The number of messages."),
});

const matchedMessage = z
  .object({
    message_id: z.uuid(),
    event_type: z.string(),
    timestamp: timeResponse.describe("When it was accepted."),
    excerpt: z
      .string()
      .nullable()
      .describe("A few fields of the payload on one line; null for a payload without simple fields."),
    matches: z.boolean(),
    reason: z
      .object({ code: z.enum(outcomeReasons), detail: z.string(), filter: differingFilter })
      .nullable()
      .describe("Why it does not match; null when it does."),
  })
  .meta({ id: "MatchedMessage", description: "Whether a message matches the settings of a subscription." });

interface DraftParts {
  readonly store: Pick<Store, "matchMessages" | "readSubscription">;
  readonly catalogue: Pick<EventTypes, "typesFor">;
}

/** Trials of the settings of a subscription before they are stored. */
export function draftSubscriptionRoutes({ store, catalogue }: DraftParts): Route[] {
  return [
    route({
      method: "POST",
      path: "/webhooks/subscriptions/match",
      operation: "matchRecentMessages",
      tag: "webhooks",
      summary: "Match the newest messages with the settings of a subscription, without storing the settings",
      scope: "read",
      isLogged: false,
      idempotency: "none",
      bytesReserved: limits.pageBytesMax,
      body: matchRequest,
      bodyBounds: bodyBounds.settings,
      response: z.array(matchedMessage),
      handle: async ({ caller: { organizationId }, body, bodyText }) => {
        const { event_types: eventTypes, subscription_id, limit } = body;
        const channels = subscription_id == null ? null : await channelsOf(store, organizationId, subscription_id);
        const matched = await store.matchMessages({
          organizationId,
          settings: { eventTypes, channels, filters: filtersIn(bodyText) ?? null },
          namedTypes: (await namesMatching(catalogue, organizationId, eventTypes)).slice(0, limits.repeatedMax),
          limit,
        });
        return matched.map(responseOf);
      },
    }),
  ];
}

async function channelsOf(
  store: Pick<Store, "readSubscription">,
  organizationId: OrganizationId,
  id: string,
): Promise<readonly string[] | null> {
  const subscriptionId = parseId<"subscription">("ep", id);
  const subscription =
    subscriptionId === null ? null : await store.readSubscription({ organizationId, subscriptionId });
  if (subscription === null) throw notFound(subscriptionKind.noun);
  return subscription.channels;
}

function responseOf({ message, mismatch }: MatchedMessage): z.input<typeof matchedMessage> {
  return {
    message_id: message.id,
    event_type: message.eventType,
    timestamp: isoTime(message.createdAt),
    excerpt: message.payloadDeletedAt === null ? payloadExcerpt(message) : null,
    matches: mismatch === null,
    reason:
      mismatch === null
        ? null
        : { code: mismatch.kind, detail: mismatchSentences[mismatch.kind], filter: filterOf(mismatch) },
  };
}
