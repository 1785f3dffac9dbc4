import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type Authentication, hashApiKey } from "../../auth/authentication.ts";
import { type ApiKey, hasScope, type Scope, scopes } from "../../domain/api-key.ts";
import { ApiError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { idIn, notFound } from "../../http/ids.ts";
import { keptText } from "../../http/kept-text.ts";
import { cursorIn, pageQuery, respondWithListById } from "../../http/pages.ts";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeRequest, timeResponse } from "../../http/times.ts";
import type { Origin } from "../../intake/intake.ts";
import type { Store } from "../../store/store.ts";

const keyFields = {
  id: z.uuid(),
  organization_id: z.uuid(),
  name: z.string(),
  prefix: z.string().describe("The key's first characters."),
  scopes: z.array(z.enum(scopes)),
  created_at: timeResponse,
  expires_at: timeResponse.nullable(),
  overlap_until: timeResponse
    .nullable()
    .describe("Until this time, the key before the last rotation is also accepted; null when it is rejected."),
};

const keyResponse = z
  .object(keyFields)
  .meta({ id: "ApiKey", description: "A key of one organization, without the key itself." });
const newKeyResponse = z
  .object({ ...keyFields, key: z.string().describe("Shown only once; Weft stores only its hash.") })
  .meta({ id: "NewApiKey" });

const keyRequest = z.strictObject({
  name: keptText.trim().min(1).max(limits.nameLengthMax).default("API key"),
  scopes: z
    .array(z.enum(scopes))
    .min(1)
    .default(["read", "write", "publish"])
    .transform((list): Scope[] => [...new Set(list)]),
  expires_at: timeRequest.nullish(),
});

const rotateRequest = z.strictObject({
  overlap: z
    .int()
    .min(0)
    .max(limits.keyOverlapMsMax / 1_000)
    .default(0)
    .describe(
      "Seconds during which the old key is also accepted; the default is 0. The next rotation ends this overlap.",
    ),
});

const keyKind = { prefix: null, noun: "API key" } as const;
const keyBytes = 32;
const shownPrefixLength = 12;

export interface ApiKeyParts extends Origin {
  readonly store: Store;
  readonly authentication: Authentication;
}

export function apiKeyRoutes(parts: ApiKeyParts): Route[] {
  return [listKeys(parts), createKey(parts), rotateKey(parts), deleteKey(parts)];
}

function listKeys({ store, now }: ApiKeyParts): Route {
  return route({
    method: "GET",
    path: "/api-keys",
    operation: "listApiKeys",
    tag: "api-keys",
    summary: "List the organization's API keys, newest first",
    scope: "admin",
    bytesReserved: limits.pageBytesMax,
    query: z.object(pageQuery),
    response: z.array(keyResponse),
    handle: async ({ caller, query: { limit, cursor }, nextPage }) => {
      const { organizationId } = caller;
      const at = now();
      return await respondWithListById({
        limit,
        cursor: cursorIn<"apiKey">(cursor, null),
        read: (part) => store.listApiKeys({ organizationId, ...part }),
        responseOf: (key) => keyOf(key, at),
        nextPage,
        step: limits.pageMax,
      });
    },
  });
}

function createKey({ store, now, newId }: ApiKeyParts): Route {
  return route({
    method: "POST",
    path: "/api-keys",
    operation: "createApiKey",
    tag: "api-keys",
    summary: "Create an API key, which is shown only once",
    scope: "admin",
    idempotency: "secret",
    body: keyRequest.nullish(),
    response: newKeyResponse,
    handle: async ({ caller, body }) => {
      const request = body ?? keyRequest.parse({});
      if (!request.scopes.every((scope) => hasScope(caller.scopes, scope))) {
        throw new ApiError("scope_missing", "A key cannot give rights that it does not have.");
      }
      const made = makeKey();
      const key: ApiKey = {
        id: newId<"apiKey">(),
        organizationId: caller.organizationId,
        name: request.name,
        prefix: made.prefix,
        scopes: request.scopes,
        createdAt: now(),
        expiresAt: request.expires_at ?? null,
        overlapUntil: null,
      };
      await store.createApiKey({ key, hash: made.hash });
      return { ...keyOf(key, key.createdAt), key: made.text };
    },
  });
}

function rotateKey({ store, authentication, now }: ApiKeyParts): Route {
  return route({
    method: "POST",
    path: "/api-keys/:key_id/rotate",
    operation: "rotateApiKey",
    tag: "api-keys",
    summary: "Replace an API key; the old one is rejected at once, or when the overlap ends",
    scope: "admin",
    idempotency: "secret",
    body: rotateRequest.nullish(),
    response: newKeyResponse,
    handle: async ({ caller, params, body }) => {
      const made = makeKey();
      const at = now();
      const overlapMs = (body?.overlap ?? 0) * 1_000;
      const rotated = await store.rotateApiKey({
        organizationId: caller.organizationId,
        keyId: idIn<"apiKey">(params, "key_id", keyKind),
        hash: made.hash,
        prefix: made.prefix,
        overlapUntil: overlapMs === 0 ? null : at + overlapMs,
      });
      if (rotated === null) throw notFound(keyKind.noun);
      authentication.forget();
      return { ...keyOf(rotated, at), key: made.text };
    },
  });
}

function deleteKey({ store, authentication, now }: ApiKeyParts): Route {
  return route({
    method: "DELETE",
    path: "/api-keys/:key_id",
    operation: "deleteApiKey",
    tag: "api-keys",
    summary: "Delete an API key; it is refused immediately",
    scope: "admin",
    response: keyResponse,
    handle: async ({ caller, params }) => {
      const deleted = await store.deleteApiKey({
        organizationId: caller.organizationId,
        keyId: idIn<"apiKey">(params, "key_id", keyKind),
      });
      if (deleted === null) throw notFound(keyKind.noun);
      authentication.forget();
      return keyOf(deleted, now());
    },
  });
}

function makeKey(): { text: string; prefix: string; hash: string } {
  const text = `weft_${randomBytes(keyBytes).toString("base64url")}`;
  return { text, prefix: text.slice(0, shownPrefixLength), hash: hashApiKey(text) };
}

function keyOf(key: ApiKey, now: number): z.input<typeof keyResponse> {
  const { overlapUntil } = key;
  return {
    id: key.id,
    organization_id: key.organizationId,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    created_at: isoTime(key.createdAt),
    expires_at: key.expiresAt === null ? null : isoTime(key.expiresAt),
    overlap_until: overlapUntil === null || overlapUntil <= now ? null : isoTime(overlapUntil),
  };
}
