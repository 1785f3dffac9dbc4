import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type Authentication, hashApiKey } from "../../auth/authentication.ts";
import type { Caller } from "../../auth/caller.ts";
import { type ApiKey, hasScope, type Scope, scopes } from "../../domain/api-key.ts";
import { ApiError } from "../../domain/errors.ts";
import type { ApiKeyId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { idIn, notFound } from "../../http/ids.ts";
import { keptText } from "../../http/kept-text.ts";
import { cursorIn, pageQuery, respondWithListById } from "../../http/pages.ts";
import { type Route, route } from "../../http/route.ts";
import { respondWithSortedList, sortQuery } from "../../http/sorted-pages.ts";
import { isoTime, timeRequest, timeResponse } from "../../http/times.ts";
import type { Origin } from "../../intake/intake.ts";
import { type ApiKeySort, apiKeySorts } from "../../store/api-keys/interface.ts";
import type { SortedPageOf } from "../../store/page.ts";
import type { Store } from "../../store/store.ts";

const keyFields = {
  id: z.uuid(),
  organization_id: z.uuid(),
  name: z.string(),
  prefix: z.string().describe("The key's first characters."),
  scopes: z.array(z.enum(scopes)),
  created_at: timeResponse,
  modified_at: timeResponse.describe("When it was created or last rotated."),
  expires_at: timeResponse.nullable(),
  overlap_until: timeResponse
    .nullable()
    .describe("Until this time, the key before the last rotation is also accepted; null when it is rejected."),
  last_used_at: timeResponse
    .nullable()
    .describe("When a request last used the key, or a session of it, accurate to a minute; null before the first one."),
  expiration_date: timeResponse.nullable().describe("The value of `expires_at`, under Airweave's name."),
  last_used_date: z.null(),
  created_by_email: z.null(),
  modified_by_email: z.null(),
};

const isHidden = z.null().describe("The key is shown only when it is created or rotated.");

const keyResponse = z
  .object({ ...keyFields, decrypted_key: isHidden })
  .meta({ id: "ApiKey", description: "A key of one organization, without the key itself." });
const newKeyResponse = z
  .object({
    ...keyFields,
    key: z.string().describe("Shown only once; Weft stores only its hash."),
    decrypted_key: z.string().describe("The key, under Airweave's name."),
  })
  .meta({ id: "NewApiKey" });

const keyRequest = z.strictObject({
  name: keptText.trim().min(1).max(limits.nameLengthMax).default("API key"),
  scopes: z
    .array(z.enum(scopes))
    .min(1)
    .default(["read", "write", "publish"])
    .transform((list): Scope[] => [...new Set(list)]),
  expires_at: timeRequest.nullish(),
  expiration_days: z
    .int()
    .min(1)
    .max(365)
    .nullish()
    .describe("The days until it expires, for clients of Airweave. `expires_at` takes precedence."),
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
const dayMs = 86_400_000;
const keyBytes = 32;
const shownPrefixLength = 12;

export interface ApiKeyParts extends Origin {
  readonly store: Store;
  readonly authentication: Authentication;
}

export function apiKeyRoutes(parts: ApiKeyParts): Route[] {
  return [listKeys(parts), createKey(parts), getKey(parts), rotateKey(parts), deleteKey(parts), deleteNamedKey(parts)];
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
    query: z.object({ ...pageQuery, ...sortQuery(apiKeySorts, "keys") }),
    response: z.array(keyResponse),
    handle: async ({ caller, query: { limit, cursor, sort, order }, nextPage }) => {
      const { organizationId } = caller;
      const at = now();
      if (sort !== undefined) {
        return await respondWithSortedList({
          ...{ sort, order, limit, cursor, nextPage },
          read: (page: SortedPageOf<ApiKeyId, ApiKeySort>) => store.sortApiKeys({ organizationId, ...page }),
          positionOf: ({ position }) => position,
          responseOf: ({ key }) => shownKey(key, at),
          step: limits.pageMax,
        });
      }
      return await respondWithListById({
        limit,
        cursor: cursorIn<"apiKey">(cursor, null),
        read: (part) => store.listApiKeys({ organizationId, ...part }),
        responseOf: (key) => shownKey(key, at),
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
      const at = now();
      const key: ApiKey = {
        id: newId<"apiKey">(),
        organizationId: caller.organizationId,
        name: request.name,
        prefix: made.prefix,
        scopes: request.scopes,
        createdAt: at,
        rotatedAt: null,
        expiresAt: expiryOf(request, at),
        overlapUntil: null,
        lastUsedAt: null,
      };
      await store.createApiKey({ key, hash: made.hash });
      return { ...keyOf(key, at), key: made.text, decrypted_key: made.text };
    },
  });
}

function expiryOf({ expires_at, expiration_days }: z.output<typeof keyRequest>, now: number): number | null {
  if (typeof expires_at === "number") return expires_at;
  return typeof expiration_days === "number" ? now + expiration_days * dayMs : null;
}

function getKey({ store, now }: ApiKeyParts): Route {
  return route({
    method: "GET",
    path: "/api-keys/:key_id",
    operation: "getApiKey",
    tag: "api-keys",
    summary: "Get an API key, without the key itself",
    scope: "admin",
    response: keyResponse,
    handle: async ({ caller: { organizationId }, params }) => {
      const keyId = idIn<"apiKey">(params, "key_id", keyKind);
      return shownKey(await store.readApiKey({ organizationId, keyId }), now());
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
        now: at,
      });
      if (rotated === null) throw notFound(keyKind.noun);
      authentication.forget();
      return { ...keyOf(rotated, at), key: made.text, decrypted_key: made.text };
    },
  });
}

function deleteKey(parts: ApiKeyParts): Route {
  return route({
    method: "DELETE",
    path: "/api-keys/:key_id",
    operation: "deleteApiKey",
    tag: "api-keys",
    summary: "Delete an API key; it is refused immediately",
    scope: "admin",
    response: keyResponse,
    handle: ({ caller, params }) => removeKey(parts, caller, params),
  });
}

function deleteNamedKey(parts: ApiKeyParts): Route {
  return route({
    method: "DELETE",
    path: "/api-keys",
    operation: "deleteApiKeyById",
    tag: "api-keys",
    summary: "Delete the API key with this id, as Airweave's clients do; it is refused immediately",
    scope: "admin",
    query: z.object({ id: z.string().max(limits.uidLengthMax) }),
    response: keyResponse,
    handle: ({ caller, query }) => removeKey(parts, caller, { key_id: query.id }),
  });
}

async function removeKey(
  { store, authentication, now }: ApiKeyParts,
  { organizationId }: Caller,
  params: Readonly<Record<string, string>>,
) {
  const deleted = await store.deleteApiKey({ organizationId, keyId: idIn<"apiKey">(params, "key_id", keyKind) });
  const shown = shownKey(deleted, now());
  authentication.forget();
  return shown;
}

function shownKey(key: ApiKey | null, now: number): z.input<typeof keyResponse> {
  if (key === null) throw notFound(keyKind.noun);
  return { ...keyOf(key, now), decrypted_key: null };
}

function makeKey(): { text: string; prefix: string; hash: string } {
  const text = `weft_${randomBytes(keyBytes).toString("base64url")}`;
  return { text, prefix: text.slice(0, shownPrefixLength), hash: hashApiKey(text) };
}

function keyOf(key: ApiKey, now: number): Omit<z.input<typeof keyResponse>, "decrypted_key"> {
  const { overlapUntil } = key;
  const expiresAt = key.expiresAt === null ? null : isoTime(key.expiresAt);
  return {
    id: key.id,
    organization_id: key.organizationId,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    created_at: isoTime(key.createdAt),
    modified_at: isoTime(key.rotatedAt ?? key.createdAt),
    expires_at: expiresAt,
    last_used_at: key.lastUsedAt === null ? null : isoTime(key.lastUsedAt),
    overlap_until: overlapUntil === null || overlapUntil <= now ? null : isoTime(overlapUntil),
    expiration_date: expiresAt,
    last_used_date: null,
    created_by_email: null,
    modified_by_email: null,
  };
}
