import { z } from "zod";
import { limits } from "../../domain/limits.ts";
import { notFound } from "../../http/ids.ts";
import { type Route, route, StatusResponse } from "../../http/route.ts";
import { shownSecret } from "../../subscriptions/signing-secret.ts";
import { type EndpointOwner, endpointIn, keyOf } from "./endpoint-in-path.ts";
import { ownSecret } from "./endpoint-schemas.ts";
import type { EndpointParts } from "./endpoints.ts";

const secretResponse = z
  .object({ key: z.string().describe("`whsec_…`, or the public key `whpk_…`.") })
  .meta({ id: "EndpointSecretOut" });

export function endpointSecretRoutes(parts: EndpointParts, owner: EndpointOwner): Route[] {
  return [getSecret(parts, owner), rotateSecret(parts, owner)];
}

function getSecret({ store, subscriptions }: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "GET",
    path: `${owner.path}/:endpoint_id/secret`,
    operation: `${owner.operation}.get-secret`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    isNamespaces: owner.isOperators,
    summary: "Get the key with which a receiver verifies",
    scope: "secrets",
    response: secretResponse,
    handle: async (request) => {
      const endpoint = await endpointIn(store, request, owner);
      const secret = await subscriptions.readSecret(keyOf(endpoint));
      if (secret === null) throw notFound("Entity");
      await request.note("secret_read");
      return { key: shownSecret(secret) };
    },
  });
}

function rotateSecret({ store, subscriptions }: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "POST",
    path: `${owner.path}/:endpoint_id/secret/rotate`,
    operation: `${owner.operation}.rotate-secret`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    isNamespaces: owner.isOperators,
    summary: "Rotate an endpoint's secret; earlier secrets also sign for a while",
    scope: ["write", "secrets"],
    appTokens: ["ManageEndpointSecret", "ManageEndpoint"],
    body: z
      .object({
        key: ownSecret.nullish(),
        gracePeriodSeconds: z
          .int()
          .min(0)
          .max(limits.secretOverlapMsMax / 1000)
          .nullish(),
      })
      .nullish(),
    response: secretResponse.nullable().describe("The new key for Svix' SDKs. Other clients receive an empty 204."),
    idempotency: "secret",
    handle: async (request) => {
      const endpoint = await endpointIn(store, request, owner);
      const { key: secret, gracePeriodSeconds } = request.body ?? {};
      const overlapMs = (gracePeriodSeconds ?? limits.secretOverlapMs / 1000) * 1000;
      const rotated = await subscriptions.rotateSecret(keyOf(endpoint), { secret, overlapMs });
      if (rotated === null) throw notFound("Entity");
      // The SDKs for Python and Rust read the key from version 2.9 on, and others ignore it; the server of Svix sends none.
      const isSdk = request.headers["user-agent"]?.startsWith("svix-libs/") === true;
      return isSdk ? { key: shownSecret(rotated.secret) } : new StatusResponse(204);
    },
  });
}
