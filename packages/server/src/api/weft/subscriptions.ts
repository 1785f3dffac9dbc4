import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { healthStatuses } from "../../domain/health.ts";
import type { NewId, SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { EventTypes } from "../../event-types/event-types.ts";
import { idIn, notFound, subscriptionKind } from "../../http/ids.ts";
import { cursorIn, pageQuery, readInSteps } from "../../http/pages.ts";
import { flag, severalTexts } from "../../http/query-values.ts";
import { type Route, type RouteRequest, route, TextResponse } from "../../http/route.ts";
import { respondWithSortedList, sortQuery } from "../../http/sorted-pages.ts";
import { isoTime } from "../../http/times.ts";
import { anyAttemptListItem } from "../../store/attempts/interface.ts";
import type { SortedPageOf } from "../../store/page.ts";
import type { Store } from "../../store/store.ts";
import { type SubscriptionKey, type SubscriptionSort, subscriptionSorts } from "../../store/subscriptions/interface.ts";
import { shownSecret } from "../../subscriptions/signing-secret.ts";
import { requireNoAgent, type SubscriptionSettings, type Subscriptions } from "../../subscriptions/subscriptions.ts";
import { fittingAttempts } from "./attempt-schemas.ts";
import { selectedTypes, wildcardsText } from "./event-type-filter.ts";
import { accessIn, type accessRequest } from "./receiver-access-schemas.ts";
import { filtersIn } from "./subscription-filters.ts";
import {
  changeRequest,
  createRequest,
  listItemOf,
  subscriptionDetail,
  subscriptionListItem,
  subscriptionOf,
  subscriptionResponse,
} from "./subscription-schemas.ts";

export interface SubscriptionParts {
  readonly store: Store;
  readonly subscriptions: Subscriptions;
  readonly catalogue: Pick<EventTypes, "typesFor">;
  readonly now: () => number;
  readonly newId: NewId;
}

/** The subscription in a path, for the caller. */
export function subscriptionKey({
  caller,
  params,
}: Pick<RouteRequest<unknown, unknown>, "caller" | "params">): SubscriptionKey {
  return {
    organizationId: caller.organizationId,
    subscriptionId: idIn<"subscription">(params, "subscription_id", subscriptionKind),
  };
}

export function subscriptionRoutes(parts: SubscriptionParts): Route[] {
  return [
    listSubscriptions(parts),
    createSubscription(parts),
    getSubscription(parts),
    changeSubscription(parts),
    deleteSubscription(parts),
  ];
}

function listSubscriptions({ store, catalogue }: SubscriptionParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/subscriptions",
    operation: "listSubscriptions",
    tag: "webhooks",
    summary: "List subscriptions, newest first, with their health",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({
      ...pageQuery,
      search: z
        .string()
        .max(limits.searchQueryLengthMax)
        .optional()
        .describe("A part of the URL, the description or the uid, in any case."),
      event_types: severalTexts.describe(
        `Only subscriptions that receive one of these event types, by name or by wildcard; may be repeated. ${wildcardsText}`,
      ),
      health: z.enum(healthStatuses).optional(),
      status: z
        .enum(["enabled", "disabled", "disabled_automatically"])
        .optional()
        .describe("`disabled_automatically`: the endpoint returned 410 Gone, or failed for five days."),
      ...sortQuery(subscriptionSorts, "subscriptions", " `health`: the worst first."),
    }),
    response: z.array(subscriptionListItem),
    handle: async ({ caller, query, nextPage }) => {
      const { limit, cursor, search, event_types, health, status, sort, order } = query;
      const filter = {
        organizationId: caller.organizationId,
        text: search === undefined || search === "" ? null : search,
        eventTypes: await selectedTypes(catalogue, caller.organizationId, event_types),
        health: health ?? null,
        isDisabled: status === undefined ? null : status !== "enabled",
        isDisabledAutomatically: status === "disabled_automatically",
      };
      if (sort !== undefined) {
        return await respondWithSortedList({
          ...{ sort, order, limit, cursor, nextPage },
          read: (page: SortedPageOf<SubscriptionId, SubscriptionSort>) =>
            store.sortSubscriptions({ ...filter, ...page }),
          positionOf: ({ key, subscription: { id } }) => ({ key, id }),
          responseOf: ({ subscription }) => listItemOf(subscription),
          step: limits.pageStepOfLarge,
        });
      }
      const page = await readInSteps({
        limit,
        cursor: cursorIn<"subscription">(cursor, "ep"),
        read: (part) => store.searchSubscriptions({ ...filter, ...part }),
        cursorOf: ({ id }) => id,
        textOf: (subscription) => JSON.stringify(listItemOf(subscription)),
        step: limits.pageStepOfLarge,
      });
      if (page.next !== null) nextPage(page.next);
      return new TextResponse(`[${page.texts.join(",")}]`);
    },
  });
}

function createSubscription({ subscriptions }: SubscriptionParts): Route {
  return route({
    method: "POST",
    path: "/webhooks/subscriptions",
    operation: "createSubscription",
    tag: "webhooks",
    summary: "Create a subscription",
    scope: "write",
    body: createRequest,
    bodyBounds: bodyBounds.settings,
    response: subscriptionResponse,
    handle: async ({ caller, body, bodyText }) => {
      const { url, destination, event_types: eventTypes, secret, signature_type } = body;
      const request = { url, destination: destination ?? null, eventTypes, secret: { secret, signature_type } };
      const made = await subscriptions.create(caller.organizationId, { ...settingsOf(body, bodyText), ...request });
      return subscriptionOf(made);
    },
  });
}

function getSubscription({ store, now }: SubscriptionParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/subscriptions/:subscription_id",
    operation: "getSubscription",
    tag: "webhooks",
    summary: "Get a subscription with its newest attempts, and optionally its secret",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    also: [{ when: "`include_secret` is true", scope: "secrets", applies: ({ query }) => query.include_secret }],
    query: z.object({ include_secret: flag }),
    response: subscriptionDetail,
    handle: async (request) => {
      const key = subscriptionKey(request);
      const [subscription, attempts, secrets] = await Promise.all([
        store.readSubscription(key),
        store.listAttemptItems({
          ...key,
          ...anyAttemptListItem,
          messageId: null,
          cursor: null,
          limit: limits.attemptsInSubscriptionMax,
        }),
        store.readSecrets({ ...key, now: now() }),
      ]);
      if (subscription === null) throw notFound(subscriptionKind.noun);
      if (request.query.include_secret) {
        requireNoAgent(subscription);
        await request.note("secret_read");
      }
      const [current, ...earlier] = secrets ?? [];
      const overlapUntil = Math.max(...earlier.map(({ expiresAt }) => expiresAt ?? 0));
      return {
        ...subscriptionOf(subscription),
        delivery_attempts: fittingAttempts(attempts.items),
        secret: current === undefined || !request.query.include_secret ? null : shownSecret(current.secret),
        secret_overlap_until: earlier.length === 0 ? null : isoTime(overlapUntil),
      };
    },
  });
}

function changeSubscription({ store, subscriptions }: SubscriptionParts): Route {
  return route({
    method: "PATCH",
    path: "/webhooks/subscriptions/:subscription_id",
    operation: "updateSubscription",
    tag: "webhooks",
    summary: "Change, disable or enable a subscription, and recover missed messages",
    scope: "write",
    body: changeRequest,
    bodyBounds: bodyBounds.settings,
    response: subscriptionResponse,
    handle: async (request) => {
      const before = await store.readSubscription(subscriptionKey(request));
      if (before === null) throw notFound(subscriptionKind.noun);
      const { url, event_types: eventTypes, disabled, recover_since: recoverSince } = request.body;
      const change = {
        ...settingsOf(request.body, request.bodyText),
        ...(typeof url === "string" && { url }),
        ...(Array.isArray(eventTypes) && { eventTypes }),
        ...(typeof disabled === "boolean" && { isDisabled: disabled }),
        ...(typeof recoverSince === "number" && { recoverSince }),
      };
      return subscriptionOf(await subscriptions.change(before, change, request.caller));
    },
  });
}

function deleteSubscription({ subscriptions }: SubscriptionParts): Route {
  return route({
    method: "DELETE",
    path: "/webhooks/subscriptions/:subscription_id",
    operation: "deleteSubscription",
    tag: "webhooks",
    summary: "Delete a subscription; its waiting deliveries are cancelled",
    scope: "write",
    response: subscriptionResponse,
    handle: async (request) => {
      const deleted = await subscriptions.delete(subscriptionKey(request));
      if (deleted === null) throw notFound(subscriptionKind.noun);
      return subscriptionOf(deleted);
    },
  });
}

type Settings = Pick<
  z.output<typeof changeRequest>,
  | "template"
  | "routing_key"
  | "description"
  | "filters"
  | "headers"
  | "retry_schedule"
  | "ordered"
  | "rate_limit"
  | keyof typeof accessRequest
  | "send_trace_context"
  | "uid"
  | "metadata"
>;

/** The fields that requests to create and to change have in common. */
function settingsOf(body: Settings, bodyText: string): SubscriptionSettings {
  const filters = filtersIn(bodyText);
  const access = accessIn(body);
  const { template, routing_key: routingKey, description, headers, retry_schedule, ordered, rate_limit } = body;
  const { send_trace_context: sendsTraceContext, uid, metadata } = body;
  return {
    checksUrl: true,
    ...(template !== undefined && { template }),
    ...(typeof routingKey === "string" && { routingKey }),
    ...(description !== undefined && { description }),
    ...(filters !== undefined && { filters }),
    ...(headers !== undefined && { headers }),
    ...(access !== undefined && { access }),
    ...(retry_schedule !== undefined && { retryDelaysMs: inMilliseconds(retry_schedule) }),
    ...(ordered !== undefined && { ordered }),
    ...(rate_limit !== undefined && { rateLimit: rate_limit }),
    ...(sendsTraceContext !== undefined && { sendsTraceContext }),
    ...(uid !== undefined && { uid }),
    ...(metadata !== undefined && { metadata }),
  };
}

function inMilliseconds(seconds: readonly number[] | null): number[] | null {
  return seconds?.map((delay) => Math.round(delay * 1000)) ?? null;
}
