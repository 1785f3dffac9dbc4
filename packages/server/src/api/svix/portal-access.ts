import { z } from "zod";
import { type Capability, capabilities } from "../../auth/capabilities.ts";
import { everyToken, type SvixTokens, sessionName } from "../../auth/svix-tokens.ts";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { ApiError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { shownText } from "../../http/kept-text.ts";
import { type Route, route, StatusResponse } from "../../http/route.ts";
import { uid } from "../own-fields.ts";
import { portalUrl } from "../weft/session.ts";
import { applicationIn } from "./application-in-path.ts";
import { type ApplicationParts, applicationRequest } from "./applications.ts";
import { bringApplication } from "./bring-application.ts";

const session = shownText.min(1).max(limits.uidLengthMax);
const portalSecondsMax = limits.portalAccessMsMax / 1_000;

const portalRequest = z
  .object({
    application: applicationRequest.nullish().describe("Created if no application with this uid exists."),
    featureFlags: z
      .array(uid)
      .refine((flags) => flags.join("").length <= limits.portalFlagsLengthMax, {
        error: `The flags have at most ${limits.portalFlagsLengthMax} characters together: they travel with each request.`,
      })
      .nullish(),
    expiry: z
      .int()
      .min(limits.portalAccessMsMin / 1_000)
      .max(portalSecondsMax)
      .nullish()
      .describe(`Seconds; ${portalSecondsMax} unless given.`),
    capabilities: z
      .array(z.enum(capabilities))
      .refine((given) => given.includes("ViewBase"), { error: "ViewBase is always needed." })
      .nullish()
      .describe("The default is all of them."),
    readOnly: z.boolean().nullish().describe("The older way to request only ViewBase."),
    sessionId: session.nullish().describe("A name under which tokens are revoked together."),
  })
  .nullish();

const portalResponse = z.object({ url: z.string(), token: z.string() }).meta({ id: "AppPortalAccessOut" });

export interface PortalAccessParts extends ApplicationParts {
  /** Null without a signing secret. */
  readonly tokens: SvixTokens | null;
  /** The public base URL of this Weft, without a trailing slash. */
  readonly publicUrl: () => string;
}

const tag = "Authentication";

/** Tokens for an application's users, who see and change its endpoints and nothing else. */
export function portalAccessRoutes(parts: PortalAccessParts): Route[] {
  return [
    ...["app-portal-access", "dashboard-access"].map((name) => giveAccess(parts, name)),
    expireTokens(parts),
    logOut(parts),
  ];
}

function giveAccess(parts: PortalAccessParts, name: string): Route {
  const { origin, publicUrl } = parts;
  return route({
    method: "POST",
    path: `/auth/${name}/:app_id`,
    operation: `v1.authentication.${name}`,
    tag,
    summary: "Create a token for an application's users, and a link that contains it",
    scope: "admin",
    // Each call creates another token.
    idempotency: "none",
    body: portalRequest,
    response: portalResponse,
    handle: async (request) => {
      const tokens = signing(parts.tokens);
      const { application, featureFlags, expiry, sessionId, ...rights } = request.body ?? {};
      const { id: organizationId, namespace } = await bringApplication(parts, request, application);
      const token = await tokens.applicationToken({
        ...{ organizationId, namespace },
        featureFlags: featureFlags ?? [],
        capabilities: capabilitiesIn(rights),
        session: sessionId ?? null,
        // It has no more rights than its creator, and lives no longer.
        expiresAt: Math.min(
          origin.now() + (expiry ?? portalSecondsMax) * 1_000,
          request.caller.expiresAt ?? Number.POSITIVE_INFINITY,
        ),
        keyHash: request.caller.keyHash,
      });
      return { url: portalUrl(publicUrl(), token), token };
    },
  });
}

interface Rights {
  readonly capabilities?: readonly Capability[] | null | undefined;
  readonly readOnly?: boolean | null | undefined;
}

function capabilitiesIn({ capabilities: given, readOnly }: Rights): readonly Capability[] {
  return readOnly === true ? ["ViewBase"] : (given ?? capabilities);
}

function signing(tokens: SvixTokens | null): SvixTokens {
  if (tokens?.canSign === true) return tokens;
  if (tokens !== null) {
    throw new ApiError(
      "not_implemented",
      "This Weft has only the public key of its tokens, so it cannot sign any. Set WEFT_SVIX_JWT_SECRET to the private key.",
    );
  }
  throw new ApiError(
    "not_implemented",
    "This Weft has no secret to sign tokens with. Set WEFT_SVIX_JWT_SECRET to at least 32 characters and restart it.",
  );
}

function expireTokens({ store, origin }: PortalAccessParts): Route {
  return route({
    method: "POST",
    path: "/auth/app/:app_id/expire-all",
    operation: "v1.authentication.expire-all",
    tag,
    summary: "Revoke an application's existing tokens, all of them or those of some sessions",
    scope: "admin",
    bodyBounds: bodyBounds.settings,
    body: z
      .object({
        expiry: z.int().min(0).max(portalSecondsMax).nullish().describe("Seconds from now. The default is 0."),
        sessionIds: z.array(session).max(limits.revokedSessionsMax).nullish(),
      })
      .nullish(),
    response: z.null(),
    handle: async (request) => {
      const { id: organizationId } = await applicationIn(store, request);
      const { expiry, sessionIds } = request.body ?? {};
      const now = origin.now();
      const names = [...new Set(sessionIds ?? [])].map(sessionName);
      const refusedFrom = now + (expiry ?? 0) * 1_000;
      const ended =
        names.length > 0
          ? // Only this Weft signs tokens with sessions.
            { names, neededUntil: validUntil(Math.max(refusedFrom, now + limits.portalAccessMsMax)) }
          : { names: [everyToken], neededUntil: null };
      await store.revokeTokens({ organizationId, ...ended, issuedUntil: now, refusedFrom, now });
      return new StatusResponse(204);
    },
  });
}

/** The end of a token's validity, with the difference of clocks that is allowed. */
function validUntil(expiresAt: number): number {
  return expiresAt + limits.tokenClockDifferenceMs;
}

function logOut({ store, origin }: PortalAccessParts): Route {
  return route({
    method: "POST",
    path: "/auth/logout",
    operation: "v1.authentication.logout",
    tag,
    summary: "Revoke the application token of this request",
    scope: "any",
    response: z.null(),
    handle: async ({ caller: { appToken, organizationId } }) => {
      if (appToken === null) {
        throw new ApiError(
          "bad_request",
          "Only an application's own token can be logged out. Call this with such a token.",
        );
      }
      const { name, issuedAt, expiresAt } = appToken;
      const now = origin.now();
      await store.revokeTokens({
        ...{ organizationId, names: [name], issuedUntil: issuedAt },
        ...{ refusedFrom: now, neededUntil: expiresAt === null ? null : validUntil(expiresAt), now },
      });
      return new StatusResponse(204);
    },
  });
}
