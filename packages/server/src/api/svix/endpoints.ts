import { z } from "zod";
import { ApiError, quotaExceeded, validationFailed } from "../../domain/errors.ts";
import type { OrganizationId } from "../../domain/id.ts";
import { bodyBounds, limits } from "../../domain/limits.ts";
import { newOperationalEventIds } from "../../domain/operational-event.ts";
import { newSubscription, type Subscription } from "../../domain/subscription.ts";
import type { Catalogue } from "../../intake/catalogue.ts";
import type { EventTypes } from "../../intake/event-types.ts";
import type { Origin } from "../../intake/intake.ts";
import type { Store } from "../../store/store.ts";
import type { SubscriptionChanges } from "../../store/subscriptions/interface.ts";
import type { AddressPolicy } from "../destinations.ts";
import { notFound } from "../ids.ts";
import { type Route, route, StatusAnswer } from "../route.ts";
import { secretFor } from "../signing-secret.ts";
import { endpointUrl } from "../subscription-url.ts";
import { type EndpointOwner, endpointIn, findEndpoint, keyOf } from "./endpoint-in-path.ts";
import {
  changesIn,
  createRequest,
  endpointAnswer,
  endpointOf,
  patchRequest,
  replacementIn,
  replaceRequest,
  stateChange,
} from "./endpoint-schemas.ts";
import { answerList, listQuery, listSchema, order, placeIn } from "./lists.ts";
import { uidOf } from "./texts.ts";

export interface EndpointParts {
  readonly store: Store;
  readonly catalogue: Catalogue;
  readonly eventTypes: EventTypes;
  readonly origin: Origin;
  readonly address: AddressPolicy;
  /** How many one application may have. */
  readonly subscriptionsMax: number;
}

/** An endpoint is a subscription of its owner. */
export function endpointRoutes(parts: EndpointParts, owner: EndpointOwner): Route[] {
  return [
    listEndpoints(parts, owner),
    createEndpoint(parts, owner),
    getEndpoint(parts, owner),
    replaceEndpoint(parts, owner),
    patchEndpoint(parts, owner),
    deleteEndpoint(parts, owner),
  ];
}

function listEndpoints({ store }: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "GET",
    path: owner.path,
    operation: `${owner.operation}.list`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    summary: "List endpoints, newest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({ ...listQuery, order: order("descending") }),
    answer: listSchema(endpointAnswer),
    handle: async (request) => {
      const { limit, iterator, order } = request.query;
      const place = placeIn(iterator, "ep");
      const organizationId = await owner.organizationOf(store, request);
      const oldestFirst = (order === "ascending") !== (place?.isBackwards ?? false);
      return await answerList({
        ...{ limit, place, prefix: "ep", answerOf: endpointOf, step: limits.pageStepOfLarge },
        read: (part) => store.listSubscriptions({ organizationId, ...part, oldestFirst }),
      });
    },
  });
}

function createEndpoint(parts: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "POST",
    path: owner.path,
    operation: `${owner.operation}.create`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    summary: "Create an endpoint",
    scope: "write",
    body: createRequest,
    bodyBounds: bodyBounds.settings,
    answer: endpointAnswer,
    handle: async (request) => {
      const organizationId = await owner.organizationOf(parts.store, request);
      return new StatusAnswer(201, endpointOf(await create(parts, organizationId, request.body)));
    },
  });
}

function getEndpoint({ store }: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "GET",
    path: `${owner.path}/:endpoint_id`,
    operation: `${owner.operation}.get`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    summary: "Get an endpoint",
    scope: "read",
    answer: endpointAnswer,
    handle: async (request) => endpointOf(await endpointIn(store, request, owner)),
  });
}

function replaceEndpoint(parts: EndpointParts, owner: EndpointOwner): Route {
  const { store, address } = parts;
  return route({
    method: "PUT",
    path: `${owner.path}/:endpoint_id`,
    operation: `${owner.operation}.update`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    summary: "Replace an endpoint, or create it under the uid in the path",
    scope: "write",
    body: replaceRequest,
    bodyBounds: bodyBounds.settings,
    answer: endpointAnswer,
    handle: async (request) => {
      const organizationId = await owner.organizationOf(store, request);
      const named = request.params.endpoint_id ?? "";
      const known = await findEndpoint(store, organizationId, named);
      if (known !== null) {
        const { disabled = false } = request.body;
        const changes = {
          ...replacementIn(request.body),
          ...changesIn(request.body, known, address, request.caller.scopes),
          ...stateChange(disabled, known),
        };
        return endpointOf(await change(parts, known, changes));
      }
      const uid = uidOf("ep").safeParse(named);
      const own = request.body.uid ?? null;
      if (!uid.success || (own !== null && own !== uid.data)) throw notFound("Entity");
      const made = await create(parts, organizationId, { ...request.body, uid: uid.data });
      return new StatusAnswer(201, endpointOf(made));
    },
  });
}

function patchEndpoint(parts: EndpointParts, owner: EndpointOwner): Route {
  const { store, origin, address } = parts;
  return route({
    method: "PATCH",
    path: `${owner.path}/:endpoint_id`,
    operation: `${owner.operation}.patch`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    summary: "Change some fields of an endpoint",
    scope: "write",
    also: [{ when: "`secret` is given", scope: "secrets", applies: ({ body }) => typeof body.secret === "string" }],
    body: patchRequest,
    bodyBounds: bodyBounds.settings,
    answer: endpointAnswer,
    handle: async (request) => {
      const known = await endpointIn(store, request, owner);
      const { secret, disabled } = request.body;
      const changes = {
        ...changesIn(request.body, known, address, request.caller.scopes),
        ...stateChange(disabled, known),
      };
      const own = typeof secret === "string" ? await secretFor({ secret }, "v1") : null;
      const after = await change(parts, known, changes);
      if (own !== null) {
        const now = origin.now();
        const operationalEventIds = newOperationalEventIds(origin.newId);
        await store.rotateSecret({ ...keyOf(known), secret: own, overlapUntil: now, now, operationalEventIds });
      }
      return endpointOf(after);
    },
  });
}

function deleteEndpoint({ store, origin }: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "DELETE",
    path: `${owner.path}/:endpoint_id`,
    operation: `${owner.operation}.delete`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    summary: "Delete an endpoint; what waits for it is cancelled",
    scope: "write",
    answer: z.null(),
    handle: async (request) => {
      const known = await endpointIn(store, request, owner);
      await store.deleteSubscription({
        ...keyOf(known),
        now: origin.now(),
        operationalEventIds: newOperationalEventIds(origin.newId),
      });
      return new StatusAnswer(204);
    },
  });
}

async function create(
  parts: EndpointParts,
  organizationId: OrganizationId,
  body: z.output<typeof createRequest>,
): Promise<Subscription> {
  const { store, origin, address } = parts;
  const given = replacementIn(body);
  await requireEventTypes(parts, organizationId, given.eventTypes);
  const subscription = newSubscription({
    id: origin.newId<"subscription">(),
    organizationId,
    ...given,
    url: endpointUrl(body.url, address.allowHttp),
    headers: body.headers ?? {},
    disabledReason: body.disabled === true ? "by_request" : null,
    createdAt: origin.now(),
  });
  const secret = await secretFor({ secret: body.secret }, "v1");
  const operationalEventIds = newOperationalEventIds(origin.newId);
  const { subscriptionsMax } = parts;
  const made = await store.createSubscription({ subscription, secret, operationalEventIds, subscriptionsMax });
  if (made === "uid_taken") throw uidTaken(subscription.uid);
  if (made === "full") throw quotaExceeded(subscriptionsMax, "endpoints");
  return subscription;
}

async function change(parts: EndpointParts, before: Subscription, changes: SubscriptionChanges): Promise<Subscription> {
  const { store, origin } = parts;
  const added = changes.eventTypes?.filter((name) => !before.eventTypes.includes(name));
  await requireEventTypes(parts, before.organizationId, added ?? []);
  const operationalEventIds = newOperationalEventIds(origin.newId);
  const after = await store.updateSubscription({ ...keyOf(before), changes, now: origin.now(), operationalEventIds });
  if (after === "uid_taken") throw uidTaken(changes.uid ?? null);
  if (after === "not_found") throw notFound("Entity");
  return after;
}

// Another node may have defined it a moment ago.
async function requireEventTypes(
  { catalogue, eventTypes }: EndpointParts,
  organizationId: OrganizationId,
  named: readonly string[],
): Promise<void> {
  const unknown = () => named.filter((name) => name !== "*" && !catalogue.offers(organizationId, name));
  if (unknown().length === 0) return;
  await eventTypes.refresh();
  const missing = unknown();
  if (missing.length === 0) return;
  const msg = `The following event types don't exist: ${missing.join(", ")}`;
  throw validationFailed([{ loc: ["body", "eventTypes"], msg, type: "event_type_unknown" }]);
}

function uidTaken(uid: string | null): ApiError {
  return new ApiError("uid_taken", `The uid ${JSON.stringify(uid)} belongs to another endpoint of the application.`);
}
