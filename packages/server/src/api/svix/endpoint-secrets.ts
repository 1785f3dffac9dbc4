import { z } from "zod";
import { ApiError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { newOperationalEventIds } from "../../domain/operational-event.ts";
import { notFound } from "../ids.ts";
import { type Route, route, StatusAnswer } from "../route.ts";
import { secretFor, shownSecret, signatureTypeOf } from "../signing-secret.ts";
import { type EndpointOwner, endpointIn, keyOf } from "./endpoint-in-path.ts";
import { ownSecret } from "./endpoint-schemas.ts";
import type { EndpointParts } from "./endpoints.ts";

export function endpointSecretRoutes(parts: EndpointParts, owner: EndpointOwner): Route[] {
  return [getSecret(parts, owner), rotateSecret(parts, owner)];
}

function getSecret({ store, origin }: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "GET",
    path: `${owner.path}/:endpoint_id/secret`,
    operation: `${owner.operation}.get-secret`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    summary: "Get what a receiver verifies with",
    scope: "secrets",
    answer: z
      .object({ key: z.string().describe("`whsec_…`, or the public key `whpk_…`.") })
      .meta({ id: "EndpointSecretOut" }),
    handle: async (request) => {
      const endpoint = await endpointIn(store, request, owner);
      const [current] = (await store.readSecrets({ ...keyOf(endpoint), now: origin.now() })) ?? [];
      if (current === undefined) throw notFound("Entity");
      await request.note("secret_read");
      return { key: shownSecret(current.secret) };
    },
  });
}

function rotateSecret({ store, origin }: EndpointParts, owner: EndpointOwner): Route {
  return route({
    method: "POST",
    path: `${owner.path}/:endpoint_id/secret/rotate`,
    operation: `${owner.operation}.rotate-secret`,
    tag: owner.tag,
    isOperators: owner.isOperators,
    summary: "Give an endpoint a new secret; those before it sign as well for a while",
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
    answer: z.null(),
    handle: async (request) => {
      const endpoint = await endpointIn(store, request, owner);
      const now = origin.now();
      const live = await store.readSecrets({ ...keyOf(endpoint), now });
      const [current] = live ?? [];
      if (live === null || current === undefined) throw notFound("Entity");
      const { key: secret, gracePeriodSeconds } = request.body ?? {};
      const overlapMs = (gracePeriodSeconds ?? limits.secretOverlapMs / 1000) * 1000;
      if (overlapMs > 0 && live.length >= limits.secretsLiveMax) {
        throw new ApiError(
          "limit_reached",
          `The endpoint has ${live.length} secrets that still sign. Wait until some have expired, or rotate without a grace period.`,
        );
      }
      await store.rotateSecret({
        ...keyOf(endpoint),
        secret: await secretFor({ secret }, signatureTypeOf(current.secret)),
        overlapUntil: now + overlapMs,
        now,
        operationalEventIds: newOperationalEventIds(origin.newId),
      });
      return new StatusAnswer(204);
    },
  });
}
