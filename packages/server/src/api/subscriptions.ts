import { z } from "zod";
import { needsOrder, takenASecond } from "../domain/destination.ts";
import { ApiError, quotaExceeded, validationFailed } from "../domain/errors.ts";
import { healthStatuses } from "../domain/health.ts";
import type { NewId, OrganizationId } from "../domain/id.ts";
import { bodyBounds, limits } from "../domain/limits.ts";
import { newOperationalEventIds } from "../domain/operational-event.ts";
import { ownProperty } from "../domain/own-property.ts";
import { undelivered } from "../domain/recovery.ts";
import { newSubscription, type Subscription } from "../domain/subscription.ts";
import type { Catalogue } from "../intake/catalogue.ts";
import type { Reachability } from "../outbound/endpoint-check.ts";
import { anyAttemptListItem } from "../store/attempts/interface.ts";
import type { Store } from "../store/store.ts";
import type { SubscriptionChanges, SubscriptionKey } from "../store/subscriptions/interface.ts";
import { checkWindow, recoverSubscription } from "../upkeep/recover-subscription.ts";
import { fittingAttempts } from "./attempt-schemas.ts";
import { type AddressPolicy, addressOf, destinationChanges, movedTo, noEndpoint } from "./destinations.ts";
import { idIn, notFound, subscriptionKind } from "./ids.ts";
import { cursorIn, pageQuery, readInSteps } from "./pages.ts";
import { flag } from "./query-values.ts";
import { AnswerText, type Route, type RouteRequest, route } from "./route.ts";
import { secretFor, shownSecret } from "./signing-secret.ts";
import { filtersIn } from "./subscription-filters.ts";
import { maskedValue } from "./subscription-headers.ts";
import {
  changeRequest,
  createRequest,
  listItemOf,
  subscriptionAnswer,
  subscriptionDetail,
  subscriptionListItem,
  subscriptionOf,
} from "./subscription-schemas.ts";
import { isoTime } from "./times.ts";

/** What the operator decided about endpoints, and how one is asked for a sign of life. */
export interface EndpointPolicy {
  readonly address: AddressPolicy;
  readonly recoveryWindowMsMax: number;
  /** How many one organization may have. */
  readonly subscriptionsMax: number;
  /** Null when new endpoints are not checked. */
  readonly checkEndpoint: ((url: string, owner: OrganizationId) => Promise<Reachability>) | null;
}

export interface SubscriptionParts {
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly policy: EndpointPolicy;
  readonly now: () => number;
  readonly newId: NewId;
}

/** The subscription that a path names, for the caller who asks. */
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

function listSubscriptions({ store }: SubscriptionParts): Route {
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
        .describe("A part of the URL, the description or the uid; capitals make no difference."),
      health: z.enum(healthStatuses).optional(),
      status: z.enum(["enabled", "disabled"]).optional(),
    }),
    answer: z.array(subscriptionListItem),
    handle: async ({ caller, query: { limit, cursor, search, health, status }, nextPage }) => {
      const asked = {
        organizationId: caller.organizationId,
        text: search === undefined || search === "" ? null : search,
        health: health ?? null,
        isDisabled: status === undefined ? null : status === "disabled",
      };
      const page = await readInSteps({
        limit,
        cursor: cursorIn<"subscription">(cursor, "ep"),
        read: (part) => store.searchSubscriptions({ ...asked, ...part }),
        cursorOf: ({ id }) => id,
        textOf: (subscription) => JSON.stringify(listItemOf(subscription)),
        step: limits.pageStepOfLarge,
      });
      if (page.next !== null) nextPage(page.next);
      return new AnswerText(`[${page.texts.join(",")}]`);
    },
  });
}

function createSubscription(parts: SubscriptionParts): Route {
  const { store, policy, now, newId } = parts;
  return route({
    method: "POST",
    path: "/webhooks/subscriptions",
    operation: "createSubscription",
    tag: "webhooks",
    summary: "Create a subscription",
    scope: "write",
    body: createRequest,
    bodyBounds: bodyBounds.settings,
    answer: subscriptionAnswer,
    handle: async ({ caller, body, bodyText }) => {
      const { leadsTo, destinationKey, ...address } = addressOf(body, policy.address);
      requireOffered(parts.catalogue, caller.organizationId, body.event_types);
      const secret = await secretFor(body, "v1");
      await requireSignOfLife(policy, leadsTo, caller.organizationId);
      const createdAt = now();
      const subscription = newSubscription({
        id: newId<"subscription">(),
        organizationId: caller.organizationId,
        ...address,
        eventTypes: body.event_types,
        description: body.description ?? null,
        filters: filtersIn(bodyText) ?? null,
        headers: body.headers ?? {},
        retryDelaysMs: inMilliseconds(body.retry_schedule ?? null),
        ...paceOf(body),
        createdAt,
      });
      const { subscriptionsMax } = policy;
      const operationalEventIds = newOperationalEventIds(newId);
      const made = await store.createSubscription({
        subscription,
        secret,
        destinationKey,
        operationalEventIds,
        subscriptionsMax,
      });
      if (made === "full") throw quotaExceeded(subscriptionsMax, "subscriptions");
      return subscriptionOf(subscription);
    },
  });
}

function getSubscription({ store, now }: SubscriptionParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/subscriptions/:subscription_id",
    operation: "getSubscription",
    tag: "webhooks",
    summary: "Get a subscription with its newest attempts, and its secret when asked for",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    also: [{ when: "`include_secret` is true", scope: "secrets", applies: ({ query }) => query.include_secret }],
    query: z.object({ include_secret: flag }),
    answer: subscriptionDetail,
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
      if (request.query.include_secret) await request.note("secret_read");
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

function changeSubscription(parts: SubscriptionParts): Route {
  const { store, policy, now, newId } = parts;
  return route({
    method: "PATCH",
    path: "/webhooks/subscriptions/:subscription_id",
    operation: "updateSubscription",
    tag: "webhooks",
    summary: "Change a subscription; disable or enable it, and send what was missed",
    scope: "write",
    body: changeRequest,
    bodyBounds: bodyBounds.settings,
    answer: subscriptionAnswer,
    handle: async (request) => {
      const key = subscriptionKey(request);
      const at = now();
      const window = windowOf(request.body, at);
      if (window !== null) checkWindow(window, { now: at, windowMsMax: policy.recoveryWindowMsMax }, "recover_since");
      const before = await store.readSubscription(key);
      if (before === null) throw notFound(subscriptionKind.noun);
      requireNoEndpoint(before, request.body);
      const moved =
        typeof request.body.url === "string"
          ? movedTo({ ...request.body, url: request.body.url }, before, policy.address, request.caller.scopes)
          : null;
      const changes = { ...changesOf(request, before), ...moved?.changes };
      requireOffered(parts.catalogue, key.organizationId, changes.eventTypes ?? []);
      if (moved !== null) await requireSignOfLife(policy, moved.leadsTo, key.organizationId);
      if (Object.keys(changes).length === 0) return subscriptionOf(before);
      const operationalEventIds = newOperationalEventIds(newId);
      const after = await store.updateSubscription({ ...key, changes, now: at, operationalEventIds });
      if (typeof after === "string") throw notFound(subscriptionKind.noun);
      if (window !== null) {
        await recoverSubscription(store, newId, key, { ...window, scope: undelivered, now: at });
      }
      return subscriptionOf(after);
    },
  });
}

function deleteSubscription({ store, now, newId }: SubscriptionParts): Route {
  return route({
    method: "DELETE",
    path: "/webhooks/subscriptions/:subscription_id",
    operation: "deleteSubscription",
    tag: "webhooks",
    summary: "Delete a subscription; what waits for it is cancelled",
    scope: "write",
    answer: subscriptionAnswer,
    handle: async (request) => {
      const key = subscriptionKey(request);
      const deleted = await store.deleteSubscription({
        ...key,
        now: now(),
        operationalEventIds: newOperationalEventIds(newId),
      });
      if (deleted === null) throw notFound(subscriptionKind.noun);
      return subscriptionOf(deleted);
    },
  });
}

/** Throws a 422 for patterns that match nothing of what the organization's subscriptions may choose. */
export function requireOffered(
  catalogue: Catalogue,
  organizationId: OrganizationId,
  patterns: readonly string[],
): void {
  const mistakes = patterns.flatMap((pattern, index) =>
    catalogue.offers(organizationId, pattern)
      ? []
      : [{ loc: ["body", "event_types", index], msg: unknownEventType, type: "event_type_unknown" }],
  );
  if (mistakes.length > 0) throw validationFailed(mistakes);
}

const unknownEventType = "This event type is not in the catalogue; GET /webhooks/event-types lists what is.";

async function requireSignOfLife(policy: EndpointPolicy, url: string, owner: OrganizationId): Promise<void> {
  // Of a mail address there is none to ask for.
  if (url.startsWith("mailto:")) return;
  const reachability = (await policy.checkEndpoint?.(url, owner)) ?? { reachable: true };
  if (!reachability.reachable) throw new ApiError("endpoint_unreachable", reachability.detail);
}

type Change = z.output<typeof changeRequest>;
type ChangeRequest = { readonly body: Change; readonly bodyText: string };

/** Throws a 422 for changes that mean nothing to a listener. */
function requireNoEndpoint(before: Subscription, asked: Change): void {
  if (before.listenerHeardAt === null) return;
  const mistakes = (["ordered", "rate_limit"] as const)
    .filter((name) => asked[name] !== undefined && asked[name] !== null)
    .map((name) => ({ loc: ["body", name], msg: noEndpoint, type: "listener" }));
  if (mistakes.length > 0) throw validationFailed(mistakes);
}

function windowOf({ disabled, recover_since }: Change, now: number): { since: number; until: number } | null {
  if (recover_since === undefined || recover_since === null) return null;
  if (disabled === false) return { since: recover_since, until: now };
  const msg = "It comes with `disabled: false` only; to recover without enabling, use the recover route.";
  throw validationFailed([{ loc: ["body", "recover_since"], msg, type: "recover_without_enabling" }]);
}

function changesOf({ body, bodyText }: ChangeRequest, before: Subscription): SubscriptionChanges {
  const filters = filtersIn(bodyText);
  const { event_types, description, headers, retry_schedule, ordered, rate_limit, disabled } = body;
  return {
    ...destinationChanges({ ...body, headers: body.headers ?? undefined }, before),
    ...(Array.isArray(event_types) && { eventTypes: event_types }),
    ...(description !== undefined && { description }),
    ...(filters !== undefined && { filters }),
    ...(headers !== undefined && { headers: withKeptValues(headers, before.headers) }),
    ...(ordered !== undefined && { ordered }),
    ...(rate_limit !== undefined && { rateLimit: rate_limit }),
    ...(retry_schedule !== undefined && { retryDelaysMs: inMilliseconds(retry_schedule) }),
    ...(typeof disabled === "boolean" && { disabledReason: disabled ? ("by_request" as const) : null }),
  };
}

/** A destination goes at the pace, and in the order, that its service asks for, unless told otherwise. */
function paceOf({ destination, ordered, rate_limit }: z.output<typeof createRequest>) {
  const kind = destination ?? null;
  return {
    ordered: ordered ?? (kind !== null && needsOrder(kind)),
    rateLimit: rate_limit !== undefined || kind === null ? (rate_limit ?? null) : takenASecond[kind],
  };
}

// What was shown masked is sent back masked by whoever changes another header.
function withKeptValues(
  headers: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      value === maskedValue ? (ownProperty(before, name) ?? value) : value,
    ]),
  );
}

function inMilliseconds(seconds: readonly number[] | null): number[] | null {
  return seconds?.map((delay) => Math.round(delay * 1000)) ?? null;
}
