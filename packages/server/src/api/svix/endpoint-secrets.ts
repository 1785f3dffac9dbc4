import { z } from "zod";
import { ApiError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { notFound } from "../ids.ts";
import { type Route, route, StatusAnswer } from "../route.ts";
import { secretFor, shownSecret, signatureTypeOf } from "../signing-secret.ts";
import { requireManageSecrets } from "./capabilities.ts";
import { endpointIn, endpointPath, endpointTag, keyOf } from "./endpoint-in-path.ts";
import { ownSecret } from "./endpoint-schemas.ts";
import type { EndpointParts } from "./endpoints.ts";

export function endpointSecretRoutes(parts: EndpointParts): Route[] {
  return [getSecret(parts), rotateSecret(parts)];
}

function getSecret({ store, origin }: EndpointParts): Route {
  return route({
    method: "GET",
    path: `${endpointPath}/secret`,
    operation: "v1.endpoint.get-secret",
    tag: endpointTag,
    summary: "Get what a receiver verifies with",
    scope: "secrets",
    answer: z
      .object({ key: z.string().describe("`whsec_…`, or the public key `whpk_…`.") })
      .meta({ id: "EndpointSecretOut" }),
    handle: async (request) => {
      const endpoint = await endpointIn(store, request);
      const [current] = (await store.readSecrets({ ...keyOf(endpoint), now: origin.now() })) ?? [];
      if (current === undefined) throw notFound("Entity");
      return { key: shownSecret(current.secret) };
    },
  });
}

function rotateSecret({ store, origin }: EndpointParts): Route {
  return route({
    method: "POST",
    path: `${endpointPath}/secret/rotate`,
    operation: "v1.endpoint.rotate-secret",
    tag: endpointTag,
    summary: "Give an endpoint a new secret; those before it sign as well for a while",
    scope: "secrets",
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
      requireManageSecrets(request.caller);
      const endpoint = await endpointIn(store, request);
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
      });
      return new StatusAnswer(204);
    },
  });
}
