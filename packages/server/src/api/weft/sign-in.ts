import { z } from "zod";
import { unknownCaller } from "../../auth/caller.ts";
import { cookieIn, isOverHttps, setCookie } from "../../auth/cookies.ts";
import type { CompletedSignIn, SignIn } from "../../auth/sign-in.ts";
import { sessionCookie } from "../../auth/weft-authentication.ts";
import { ApiError } from "../../domain/errors.ts";
import type { OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { Redirect, type Route, type RouteRequest, route } from "../../http/route.ts";

const ticketCookie = "weft_sign_in";
const startPath = "/session/sign-in";
const callbackPath = `${startPath}/callback`;
const apiPrefix = "/v1";

export interface SignInRouteParts {
  /** Null without an identity provider. */
  readonly signIn: SignIn | null;
  /** The name of the identity provider on the button of the log-in page. */
  readonly providerName: string;
  readonly organizationId: OrganizationId;
  /** The public base URL of this Weft, without a trailing slash. */
  readonly publicUrl: () => string;
}

const methodsResponse = z
  .object({
    identity_provider: z
      .object({
        name: z.string(),
        url: z.string().describe("The path on this host that begins a sign-in in the browser."),
      })
      .nullable()
      .describe("Null when people log in with API keys only."),
  })
  .meta({ id: "SignInMethods", description: "The ways to log in to the console, besides API keys." });

const text = z.string().max(limits.urlLengthMax).optional();

/** Paths of the console only, so that no link leads a signed-in person to another site. */
const consolePath = z
  .string()
  .max(limits.urlLengthMax)
  .regex(/^\/console\/[\w\-./?=&%~,:+]*$/)
  .catch("/console/")
  .default("/console/");

/** Routes that browsers visit on their way to the identity provider and back, before they have a session. */
export function signInRoutes(parts: SignInRouteParts): Route[] {
  const { signIn, providerName } = parts;
  const common = { method: "GET", tag: "session", scope: null } as const;
  const methods = route({
    ...common,
    path: "/session/methods",
    operation: "getSignInMethods",
    summary: "Get the ways to log in to the console",
    response: methodsResponse,
    handle: async () => ({
      identity_provider: signIn === null ? null : { name: providerName, url: `${apiPrefix}${startPath}` },
    }),
  });
  return [methods, beginSignIn(parts), completeSignIn(parts)];
}

function beginSignIn(parts: SignInRouteParts): Route {
  return route({
    method: "GET",
    tag: "session",
    scope: null,
    path: startPath,
    operation: "beginSignIn",
    summary: "Redirect a browser to the identity provider",
    redirects: "To the identity provider, or to the log-in page with `sign_in_error`.",
    query: z.object({ return_to: consolePath }),
    response: z.unknown(),
    handle: async ({ query, headers }) => {
      const begun = await signInOf(parts).begin(query.return_to, redirectUri(parts));
      if (begun === null) return logInPage("provider_unavailable");
      const cookie = ticketCookieWith(parts, headers, begun.ticket, limits.signInMs / 1_000);
      return new Redirect(begun.url, { "set-cookie": cookie });
    },
  });
}

function completeSignIn(parts: SignInRouteParts): Route {
  return route({
    method: "GET",
    tag: "session",
    scope: null,
    path: callbackPath,
    operation: "completeSignIn",
    summary: "Begin the session of a person who returns from the identity provider",
    redirects: "To the console, or to the log-in page with `sign_in_error`.",
    query: z.object({ state: text, code: text, error: text, error_description: text, iss: text, session_state: text }),
    response: z.unknown(),
    handle: async ({ query, headers, note }) => {
      const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
      const ticket = cookieIn(headers, ticketCookie);
      const completed = await signInOf(parts).complete(new URLSearchParams(given), ticket, redirectUri(parts));
      if (completed.kind === "failed") {
        await note("sign_in_failed", unknownCaller(parts.organizationId));
        return logInPage(completed.reason);
      }
      const { session, returnTo } = completed;
      await note("sign_in", { ...session.caller, actor: { ...session.caller.actor, via: null } });
      const isSecure = isOverHttps(parts.publicUrl(), headers);
      const maxAgeSeconds = limits.sessionMs / 1_000;
      const cookie = setCookie(sessionCookie, session.token, {
        path: "/",
        sameSite: "Strict",
        maxAgeSeconds,
        isSecure,
      });
      return new Redirect(returnTo, { "set-cookie": [cookie, ticketCookieWith(parts, headers, "", 0)] });
    },
  });
}

function signInOf({ signIn }: SignInRouteParts): SignIn {
  if (signIn !== null) return signIn;
  throw new ApiError("not_found", "This Weft has no identity provider. Log in with an API key.");
}

function redirectUri({ publicUrl }: SignInRouteParts): string {
  return `${publicUrl()}${apiPrefix}${callbackPath}`;
}

function logInPage(reason: Extract<CompletedSignIn, { kind: "failed" }>["reason"]): Redirect {
  return new Redirect(`/console/?sign_in_error=${reason}`);
}

/** The provider leads the browser back here, so the cookie must be sent on navigations from another site. */
function ticketCookieWith(
  { publicUrl }: SignInRouteParts,
  headers: RouteRequest<unknown, unknown>["headers"],
  ticket: string,
  maxAgeSeconds: number,
): string {
  const isSecure = isOverHttps(publicUrl(), headers);
  return setCookie(ticketCookie, ticket, {
    path: `${apiPrefix}${startPath}`,
    sameSite: "Lax",
    maxAgeSeconds,
    isSecure,
  });
}
