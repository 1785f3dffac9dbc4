import type { z } from "zod";
import type { Caller } from "../../../auth/caller.ts";
import { bodyBounds } from "../../../domain/body-bounds.ts";
import { ApiError } from "../../../domain/errors.ts";
import { listenerUrl } from "../../../domain/listener.ts";
import { newSubscription, type Subscription } from "../../../domain/subscription.ts";
import { notFound } from "../../../http/ids.ts";
import { EventStream, type Route, route } from "../../../http/route.ts";
import type { SubscriptionKey } from "../../../store/subscriptions/interface.ts";
import { secretFor, shownSecret } from "../../../subscriptions/signing-secret.ts";
import { filtersIn } from "../subscription-filters.ts";
import { subscriptionOf } from "../subscription-schemas.ts";
import { type SubscriptionParts, subscriptionKey } from "../subscriptions.ts";
import {
  deliveryEvent,
  deliveryQuery,
  listenerResponse,
  outcomesRequest,
  outcomesResponse,
  startRequest,
} from "./listener-schemas.ts";
import type { Listeners } from "./listeners.ts";
import { type OutcomeParts, recordOutcomes } from "./outcomes.ts";

export type ListenerRouteParts = SubscriptionParts & OutcomeParts & { readonly listeners: Listeners };

export function listenerRoutes(parts: ListenerRouteParts): Route[] {
  return [startListener(parts), listenForDeliveries(parts), reportOutcomes(parts)];
}

const everyEvent = ["*"];

function startListener(parts: ListenerRouteParts): Route {
  const { store, subscriptions, now, newId } = parts;
  return route({
    method: "POST",
    path: "/webhooks/listeners",
    operation: "startListener",
    tag: "webhooks",
    summary:
      "Create a listener, or reuse the one with this name: a subscription whose deliveries are sent to a connection",
    // The response contains the signing secret, also of a listener that another key created.
    scope: ["write", "secrets"],
    body: startRequest,
    bodyBounds: bodyBounds.settings,
    response: listenerResponse,
    idempotency: "none",
    handle: async ({ caller, body, bodyText }) => {
      const { organizationId } = caller;
      const { name, event_types: eventTypes = everyEvent } = body;
      const filters = filtersIn(bodyText) ?? null;
      await subscriptions.requireEventTypes(organizationId, body.event_types ?? []);
      const known = await store.findSubscription({ organizationId, uid: name });
      if (known !== null) return await takeUp(parts, known, { body, filters, caller });
      const secret = await secretFor(body, "v1");
      const listener = newSubscription({
        id: newId<"subscription">(),
        organizationId,
        uid: name,
        target: { kind: "listener", url: listenerUrl(name), heardAt: now() },
        eventTypes,
        filters,
        createdAt: now(),
      });
      await subscriptions.store({ subscription: listener, secret });
      return { ...subscriptionOf(listener), name, secret: shownSecret(secret) };
    },
  });
}

/** Its deliveries and its secret stay. The new request replaces its filters and enables it. */
async function takeUp(
  { store, subscriptions, now }: ListenerRouteParts,
  known: Subscription,
  { body, filters, caller }: { body: z.output<typeof startRequest>; filters: Subscription["filters"]; caller: Caller },
): Promise<z.input<typeof listenerResponse>> {
  const { name, event_types: eventTypes = everyEvent, secret, signature_type } = body;
  if (known.target.kind !== "listener") throw nameTaken(name);
  const change = {
    ...{ eventTypes, filters, isDisabled: false, checksUrl: false },
    ...(typeof secret === "string" && { secret: { secret, signature_type } }),
  };
  const listener = await subscriptions.change(known, change, caller);
  const key: SubscriptionKey = { organizationId: known.organizationId, subscriptionId: known.id };
  await store.noteHeard({ ...key, now: now() });
  const current = await subscriptions.readSecret(key);
  if (current === null) throw gone();
  return { ...subscriptionOf(listener), name, secret: shownSecret(current) };
}

function nameTaken(name: string): ApiError {
  return new ApiError("uid_taken", `"${name}" is the uid of another subscription. Choose another name.`);
}

function gone(): ApiError {
  return notFound("Listener");
}

function listenForDeliveries({ store, listeners }: ListenerRouteParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/listeners/:subscription_id/deliveries",
    operation: "listenForDeliveries",
    tag: "webhooks",
    summary:
      "Stream a listener's deliveries as server-sent events; the connection holds each until its outcome is reported",
    scope: "write",
    query: deliveryQuery,
    response: deliveryEvent,
    mediaType: "text/event-stream",
    handle: async (request) => {
      const key = subscriptionKey(request);
      const listener = await requireListener(store, key);
      if (listener.disabledReason !== null) {
        throw new ApiError("subscription_disabled", "The listener is disabled. Start it again under its name.");
      }
      const run = listeners.admit(key, request.query.held_max);
      return new EventStream((out) => run({ out, recheck: request.recheck }));
    },
  });
}

function reportOutcomes(parts: ListenerRouteParts): Route {
  return route({
    method: "POST",
    path: "/webhooks/listeners/:subscription_id/outcomes",
    operation: "reportOutcomes",
    tag: "webhooks",
    summary: "Report the outcomes of a listener's deliveries, which are recorded as attempts",
    scope: "write",
    body: outcomesRequest,
    bodyBounds: bodyBounds.texts,
    response: outcomesResponse,
    idempotency: "none",
    isLogged: false,
    handle: async (request) => {
      const listener = await requireListener(parts.store, subscriptionKey(request));
      return await recordOutcomes(parts, listener, request.body.outcomes);
    },
  });
}

/** Throws a 404 for a subscription that is not a listener. */
async function requireListener(store: SubscriptionParts["store"], key: SubscriptionKey): Promise<Subscription> {
  const listener = await store.readSubscription(key);
  if (listener === null || listener.target.kind !== "listener") throw gone();
  return listener;
}
