import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { limits } from "../../domain/limits.ts";
import { notFound } from "../../http/ids.ts";
import { type Route, route, StatusResponse } from "../../http/route.ts";
import type { Origin } from "../../intake/intake.ts";
import type { Store } from "../../store/store.ts";
import type { Subscriptions } from "../../subscriptions/subscriptions.ts";
import { uidOf } from "../own-fields.ts";
import { uidInPath } from "./application-in-path.ts";
import { type EndpointOwner, endpointIn, findEndpoint, keyOf } from "./endpoint-in-path.ts";
import {
  createRequest,
  endpointOf,
  endpointResponse,
  patchRequest,
  replacementIn,
  replaceRequest,
  requestIn,
  settingsIn,
} from "./endpoint-schemas.ts";
import { listQuery, listSchema, order, positionIn, respondWithList } from "./lists.ts";

export interface EndpointParts {
  readonly store: Store;
  readonly subscriptions: Subscriptions;
  readonly origin: Origin;
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
    isNamespaces: owner.isOperators,
    summary: "List endpoints, newest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({ ...listQuery, order: order("descending") }),
    response: listSchema(endpointResponse),
    handle: async (request) => {
      const { limit, iterator, order } = request.query;
      const position = positionIn(iterator, "ep");
      const organizationId = await owner.organizationOf(store, request);
      const oldestFirst = (order === "ascending") !== (position?.isBackwards ?? false);
      return await respondWithList({
        ...{ limit, position, prefix: "ep", responseOf: endpointOf, step: limits.pageStepOfLarge },
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
    isNamespaces: owner.isOperators,
    summary: "Create an endpoint",
    scope: "write",
    body: createRequest,
    bodyBounds: bodyBounds.settings,
    response: endpointResponse,
    handle: async (request) => {
      const organizationId = await owner.storedOrganizationOf(parts, request);
      const made = await parts.subscriptions.create(organizationId, requestIn(request.body));
      return new StatusResponse(201, endpointOf(made));
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
    isNamespaces: owner.isOperators,
    summary: "Get an endpoint",
    scope: "read",
    response: endpointResponse,
    handle: async (request) => endpointOf(await endpointIn(store, request, owner)),
  });
}

function replaceEndpoint({ store, subscriptions, origin }: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "PUT",
    path: `${owner.path}/:endpoint_id`,
    operation: `${owner.operation}.update`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    isNamespaces: owner.isOperators,
    summary: "Replace an endpoint, or create it with the uid in the path",
    scope: "write",
    body: replaceRequest,
    bodyBounds: bodyBounds.settings,
    response: endpointResponse,
    handle: async (request) => {
      const organizationId = await owner.organizationOf(store, request);
      const named = request.params.endpoint_id ?? "";
      const known = await findEndpoint(store, organizationId, named);
      if (known !== null) {
        const { uid, ...replacement } = replacementIn(request.body);
        const change = { ...replacement, uid: uid ?? uidInPath(known, named), url: request.body.url };
        return endpointOf(await subscriptions.change(known, change, request.caller));
      }
      const uid = uidOf("ep").safeParse(named);
      const own = request.body.uid ?? null;
      if (!uid.success || (own !== null && own !== uid.data)) throw notFound("Entity");
      const owning = await owner.storedOrganizationOf({ store, origin }, request);
      const made = await subscriptions.create(owning, { ...requestIn(request.body), uid: uid.data });
      return new StatusResponse(201, endpointOf(made));
    },
  });
}

function patchEndpoint({ store, subscriptions }: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "PATCH",
    path: `${owner.path}/:endpoint_id`,
    operation: `${owner.operation}.patch`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    isNamespaces: owner.isOperators,
    summary: "Change some fields of an endpoint",
    scope: "write",
    also: [{ when: "`secret` is given", scope: "secrets", applies: ({ body }) => typeof body.secret === "string" }],
    body: patchRequest,
    bodyBounds: bodyBounds.settings,
    response: endpointResponse,
    handle: async (request) => {
      const known = await endpointIn(store, request, owner);
      const { url, secret } = request.body;
      const change = {
        ...settingsIn(request.body),
        ...(url !== undefined && { url }),
        ...(typeof secret === "string" && { secret: { secret } }),
      };
      return endpointOf(await subscriptions.change(known, change, request.caller));
    },
  });
}

function deleteEndpoint({ store, subscriptions }: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "DELETE",
    path: `${owner.path}/:endpoint_id`,
    operation: `${owner.operation}.delete`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    isNamespaces: owner.isOperators,
    summary: "Delete an endpoint; its waiting messages are cancelled",
    scope: "write",
    response: z.null(),
    handle: async (request) => {
      await subscriptions.delete(keyOf(await endpointIn(store, request, owner)));
      return new StatusResponse(204);
    },
  });
}
