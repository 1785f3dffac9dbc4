import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { isOverHttps, setCookie } from "../../auth/cookies.ts";
import type { Sessions } from "../../auth/sessions.ts";
import { sessionCookie } from "../../auth/weft-authentication.ts";
import { hasScope, scopes } from "../../domain/api-key.ts";
import { actorKinds } from "../../domain/audit-entry.ts";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { ApiError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { unknownEventTypes } from "../../domain/organization.ts";
import type { PortalBrand } from "../../domain/portal-brand.ts";
import { portalLogoPath } from "../../http/console.ts";
import { notFound } from "../../http/ids.ts";
import { type Route, type RouteRequest, route, StatusResponse } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { Store } from "../../store/store.ts";

const sessionResponse = z
  .object({
    via: z
      .enum(["none", "api_key", "session", "portal"])
      .describe("How the caller is authenticated. `none` means that this installation requires no key."),
    actor: z.object({ kind: z.enum(actorKinds), id: z.string().nullable(), name: z.string().nullable() }),
    organization: z
      .object({ id: z.uuid(), name: z.string(), unknown_event_types: z.enum(unknownEventTypes) })
      .describe("The organization in which the caller acts."),
    organizations: z
      .array(z.object({ id: z.uuid(), name: z.string() }))
      .describe(
        "The organizations of a person with roles in several, which `x-organization-id` selects; otherwise empty.",
      ),
    scopes: z.array(z.enum(scopes)),
    is_operator: z
      .boolean()
      .describe("Whether the caller may act in any organization, with the header `x-organization-id`."),
    expires_at: timeResponse.nullable(),
    auth: z.enum(["none", "required"]).describe("Whether this Weft requires keys."),
    portal_brand: z
      .object({
        name: z.string(),
        color: z.string().nullable().describe("The colour, as `#rrggbb`."),
        logo_url: z.string().nullable().describe("The path of the logo on this host."),
      })
      .nullable()
      .describe("The platform's name, colour and logo, which the operator set for the portal."),
    default_retry_schedule: z
      .array(z.number())
      .describe("The delays, in seconds, for subscriptions without a retry schedule of their own."),
  })
  .meta({ id: "Session", description: "The caller and their rights." });

const portalScopes = ["read", "write", "secrets"] as const;
const portalSecondsMax = limits.portalSessionMsMax / 1_000;

const portalRequest = z
  .strictObject({
    expires_in_seconds: z
      .int()
      .min(limits.portalSessionMsMin / 1_000)
      .max(portalSecondsMax)
      .default(portalSecondsMax),
    scopes: z
      .array(z.enum(portalScopes))
      .min(1)
      .default([...portalScopes])
      .transform((list) => [...new Set(list)]),
  })
  .nullish();

const portalResponse = z
  .object({
    url: z.string().describe("Opens the console. Everyone with this URL has its rights."),
    token: z.string().describe("Sent as `Authorization: Bearer`."),
    expires_at: timeResponse,
  })
  .meta({ id: "PortalSession", description: "A link to the console of one organization." });

export interface SessionRouteParts {
  readonly store: Pick<Store, "readOrganization">;
  readonly sessions: Sessions;
  readonly auth: "none" | "required";
  /** The retry schedule of subscriptions without one of their own. */
  readonly retry: { readonly delaysMs: readonly number[] };
  readonly portalBrand: PortalBrand | null;
  /** The public base URL of this Weft, without a trailing slash. */
  readonly publicUrl: () => string;
}

const tag = "session";

export function sessionRoutes(parts: SessionRouteParts): Route[] {
  return [getSession(parts), beginSession(parts), endSession(parts), createPortalSession(parts)];
}

function getSession(parts: SessionRouteParts): Route {
  return route({
    method: "GET",
    path: "/session",
    operation: "getSession",
    tag,
    summary: "Get the caller and their rights",
    scope: "any",
    response: sessionResponse,
    handle: ({ caller }) => sessionOf(parts, caller),
  });
}

function beginSession(parts: SessionRouteParts): Route {
  return route({
    method: "POST",
    path: "/session",
    operation: "beginSession",
    tag,
    summary: `Begin a browser's session of ${limits.sessionMs / 3_600_000} hours, kept in a cookie that scripts cannot read`,
    scope: null,
    idempotency: "none",
    bodyBounds: bodyBounds.key,
    body: z.strictObject({ api_key: z.string().min(1).max(limits.headerValueBytesMax) }),
    response: sessionResponse,
    handle: async ({ body, headers, note }) => {
      const { token, caller } = await parts.sessions.begin(body.api_key);
      // The key itself signed in. Later actions are recorded as the session's.
      await note("sign_in", { ...caller, actor: { ...caller.actor, via: null } });
      const cookie = cookieWith(parts, headers, { token, maxAgeSeconds: limits.sessionMs / 1_000 });
      return new StatusResponse(200, await sessionOf(parts, caller), { "set-cookie": cookie });
    },
  });
}

function endSession(parts: SessionRouteParts): Route {
  return route({
    method: "DELETE",
    path: "/session",
    operation: "endSession",
    tag,
    summary: "End the session or portal link of this request, including every copy of it",
    scope: "any",
    response: z.object({ ended: z.literal(true) }),
    handle: async ({ caller: { session }, headers }) => {
      if (session === null) {
        throw new ApiError("bad_request", "Only a session can be ended here. Call this with its cookie or token.");
      }
      await parts.sessions.end(session);
      const cookie = cookieWith(parts, headers, { token: "", maxAgeSeconds: 0 });
      return new StatusResponse(200, { ended: true }, { "set-cookie": cookie });
    },
  });
}

function createPortalSession(parts: SessionRouteParts): Route {
  return route({
    method: "POST",
    path: "/portal-sessions",
    operation: "createPortalSession",
    tag,
    summary: "Create a link to the console of this organization",
    scope: "admin",
    idempotency: "none",
    body: portalRequest,
    response: portalResponse,
    handle: async ({ caller, body }) => {
      const { token, caller: visitor } = await parts.sessions.beginPortal(caller, {
        scopes: body?.scopes ?? portalScopes,
        expiresInMs: (body?.expires_in_seconds ?? portalSecondsMax) * 1_000,
      });
      return { url: portalUrl(parts.publicUrl(), token), token, expires_at: isoTime(visitor.expiresAt ?? 0) };
    },
  });
}

/** The token is behind the #, so that no server or log on the way sees it. */
export function portalUrl(publicUrl: string, token: string): string {
  return `${publicUrl}/console/#token=${token}`;
}

async function sessionOf(
  { store, auth, retry, portalBrand }: SessionRouteParts,
  caller: Caller,
): Promise<z.input<typeof sessionResponse>> {
  const organization = await store.readOrganization({ organizationId: caller.organizationId });
  if (organization === null) throw notFound("Organization");
  const { kind, id, name } = caller.actor;
  return {
    organizations: await organizationsOf(store, caller),
    via: wayOf(caller),
    actor: { kind, id, name },
    organization: {
      id: organization.id,
      name: organization.name,
      unknown_event_types: organization.unknownEventTypes,
    },
    scopes: scopes.filter((scope) => hasScope(caller.scopes, scope)),
    is_operator: caller.isOperator,
    expires_at: caller.expiresAt === null ? null : isoTime(caller.expiresAt),
    auth,
    portal_brand: portalBrand === null ? null : brandResponse(portalBrand),
    default_retry_schedule: retry.delaysMs.map((ms) => ms / 1_000),
  };
}

async function organizationsOf(
  store: SessionRouteParts["store"],
  { memberships }: Caller,
): Promise<{ id: string; name: string }[]> {
  if (memberships.length < 2) return [];
  const found = await Promise.all(memberships.map(({ organizationId }) => store.readOrganization({ organizationId })));
  return found.filter((one) => one !== null).map(({ id, name }) => ({ id, name }));
}

function brandResponse({ name, color, logo }: PortalBrand): z.input<typeof sessionResponse>["portal_brand"] {
  return { name, color, logo_url: logo === null ? null : portalLogoPath(logo) };
}

function wayOf({ actor, appToken }: Caller): z.input<typeof sessionResponse>["via"] {
  if (actor.via !== null) return actor.via;
  if (appToken !== null) return "portal";
  return actor.kind === "anonymous" ? "none" : "api_key";
}

function cookieWith(
  { publicUrl }: SessionRouteParts,
  headers: RouteRequest<unknown, unknown>["headers"],
  { token, maxAgeSeconds }: { readonly token: string; readonly maxAgeSeconds: number },
): string {
  const isSecure = isOverHttps(publicUrl(), headers);
  return setCookie(sessionCookie, token, { path: "/", sameSite: "Strict", maxAgeSeconds, isSecure });
}
