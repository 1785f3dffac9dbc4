import { z } from "zod";
import { limits } from "../../domain/limits.ts";
import { Redirect, type Route, route } from "../../http/route.ts";
import type { AuthorizationResult, Authorizations } from "../../sync/oauth/authorizations.ts";

const word = z.string().max(limits.urlLengthMax).optional();

const resultResponse = z
  .object({
    status: z.enum(["success", "error"]),
    source_connection_id: z.uuid(),
    error: z.string().nullable().describe("An error code: the provider's, if it sent one."),
  })
  .meta({
    id: "AuthorizationResult",
    description: "The result of an authorization without a `redirect_url`.",
  });

/** Routes that browsers visit on their way to a provider and back. They require no key, because the URLs work once. */
export function authorizationRoutes(authorizations: Pick<Authorizations, "open" | "complete">): Route[] {
  const common = { method: "GET", tag: "source-connections", scope: null } as const;
  return [
    route({
      ...common,
      path: "/source-connections/authorize/:code",
      operation: "openAuthorization",
      summary: "Redirect a browser to the provider of a source; the URL is a connection's `auth_url` and works once",
      redirects: "To the provider.",
      response: z.unknown(),
      handle: async ({ params }) => new Redirect(await authorizations.open(params.code ?? "")),
    }),
    route({
      ...common,
      path: "/source-connections/callback",
      operation: "completeAuthorization",
      summary: "Process the provider's response, and redirect the browser to the connection's `redirect_url`",
      redirects:
        "To the connection's `redirect_url`, with `status`, `source_connection_id` and, if it failed, `error`.",
      query: z.object({ state: word, code: word, error: word, error_description: word, iss: word }),
      response: resultResponse,
      handle: async ({ query }) => {
        const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
        return responseOf(await authorizations.complete(new URLSearchParams(given)));
      },
    }),
  ];
}

function responseOf({ sourceConnectionId, redirectUrl, error }: AuthorizationResult) {
  const status = error === null ? ("success" as const) : ("error" as const);
  if (redirectUrl === null) return { status, source_connection_id: sourceConnectionId, error };
  const target = new URL(redirectUrl);
  target.searchParams.set("status", status);
  target.searchParams.set("source_connection_id", sourceConnectionId);
  if (error !== null) target.searchParams.set("error", error);
  return new Redirect(target.href);
}
