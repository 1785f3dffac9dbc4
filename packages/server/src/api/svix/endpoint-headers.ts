import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { isCredentialHeader } from "../../domain/credential-headers.ts";
import { validationFailed } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { mapOf } from "../../http/caller-objects.ts";
import { keptText } from "../../http/kept-text.ts";
import { type Route, type RouteRequest, route, StatusResponse } from "../../http/route.ts";
import { headerMistake } from "../../subscriptions/own-headers.ts";
import { type EndpointOwner, endpointIn } from "./endpoint-in-path.ts";
import { headersRequest } from "./endpoint-schemas.ts";
import type { EndpointParts } from "./endpoints.ts";

/** An endpoint's own headers, which are added to every request to it. */
export function endpointHeaderRoutes(parts: EndpointParts, owner: EndpointOwner): Route[] {
  return [getHeaders(parts, owner), replaceHeaders(parts, owner), patchHeaders(parts, owner)];
}

function getHeaders({ store }: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "GET",
    path: `${owner.path}/:endpoint_id/headers`,
    operation: `${owner.operation}.get-headers`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    isNamespaces: owner.isOperators,
    summary: "Get an endpoint's own headers",
    scope: "read",
    response: z
      .object({
        headers: z.record(z.string(), z.string()),
        sensitive: z
          .array(z.string())
          .describe("The names of headers whose values look like credentials and are hidden."),
      })
      .meta({ id: "EndpointHeadersOut" }),
    handle: async (request) => {
      const headers = Object.entries((await endpointIn(store, request, owner)).headers);
      return {
        headers: Object.fromEntries(headers.filter(([name]) => !isCredentialHeader(name))),
        sensitive: headers.map(([name]) => name).filter(isCredentialHeader),
      };
    },
  });
}

function replaceHeaders(parts: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "PUT",
    path: `${owner.path}/:endpoint_id/headers`,
    operation: `${owner.operation}.update-headers`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    isNamespaces: owner.isOperators,
    summary: "Replace an endpoint's own headers",
    scope: "write",
    body: z.object({ headers: headersRequest }),
    bodyBounds: bodyBounds.settings,
    response: z.null(),
    handle: async (request) => put(parts, request, await endpointIn(parts.store, request, owner), request.body.headers),
  });
}

function patchHeaders(parts: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "PATCH",
    path: `${owner.path}/:endpoint_id/headers`,
    operation: `${owner.operation}.patch-headers`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    isNamespaces: owner.isOperators,
    summary: "Change some of an endpoint's own headers",
    scope: "write",
    bodyBounds: bodyBounds.settings,
    body: z.object({
      headers: mapOf(keptText.nullable(), { keysMax: 2 * limits.headersMax })
        .describe("A null removes the header.")
        .default({}),
      deleteHeaders: z.array(z.string()).max(limits.headersMax).nullish(),
    }),
    response: z.null(),
    handle: async (request) => {
      const endpoint = await endpointIn(parts.store, request, owner);
      const { headers, deleteHeaders } = request.body;
      const gone = [...Object.keys(headers), ...(deleteHeaders ?? [])].map((name) => name.toLowerCase());
      const kept = Object.entries(endpoint.headers).filter(([name]) => !gone.includes(name.toLowerCase()));
      const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null);
      return put(parts, request, endpoint, Object.fromEntries([...kept, ...given]));
    },
  });
}

async function put(
  { subscriptions }: EndpointParts,
  { caller }: Pick<RouteRequest<unknown, unknown>, "caller">,
  endpoint: Subscription,
  headers: Record<string, string>,
): Promise<StatusResponse> {
  const mistakes = headerMistake(headers);
  if (mistakes.length > 0) {
    throw validationFailed(
      mistakes.map(({ message, path }) => ({ loc: ["body", "headers", ...path], msg: message, type: "value_error" })),
    );
  }
  await subscriptions.change(endpoint, { headers, checksUrl: false }, caller);
  return new StatusResponse(204);
}
