import { z } from "zod";
import { type AgentTokens, InsufficientScopeError } from "../../auth/agent-tokens.ts";
import { bearerIn } from "../../auth/authentication.ts";
import type { Scope } from "../../domain/api-key.ts";
import { ApiError } from "../../domain/errors.ts";
import type { Api } from "../../http/api.ts";
import { type Challenge, keyChallenge, problemResponse } from "../../http/error-response.ts";
import { route } from "../../http/route.ts";

/** The endpoint of agents as a resource for which an authorization server issues tokens. Sources: RFC 9728, RFC 6750. */
export interface ProtectedResource {
  readonly tokens: AgentTokens;
  readonly issuer: string;
  readonly publicUrl: () => string;
}

const wellKnown = "/.well-known/oauth-protected-resource";

/** The identifier of the resource, which is the audience of its tokens. */
export function resourceUrl(publicUrl: string): string {
  return `${publicUrl.replace(/\/$/, "")}/mcp`;
}

const metadata = z.object({
  resource: z.string(),
  authorization_servers: z.array(z.string()),
  scopes_supported: z.array(z.string()),
  bearer_methods_supported: z.array(z.string()),
  resource_name: z.string(),
});

/** Tells agents without a token where they get one. */
export function resourceMetadataApi({ tokens, issuer, publicUrl }: ProtectedResource): Api {
  return {
    prefix: wellKnown,
    routes: [
      route({
        method: "GET",
        path: "/mcp",
        operation: "getProtectedResource",
        tag: "mcp",
        summary: "Show the authorization server of agents",
        scope: null,
        response: metadata,
        handle: async () => ({
          resource: resourceUrl(publicUrl()),
          authorization_servers: [issuer],
          scopes_supported: [...tokens.scopes],
          bearer_methods_supported: ["header"],
          resource_name: "Weft",
        }),
      }),
    ],
    authenticate: () => {
      throw new ApiError("unauthenticated", "This route needs no credential.");
    },
    renderError: problemResponse,
    challenge: keyChallenge,
    // It contains nothing about its reader.
    anyOrigin: true,
    jsonMediaTypes: "application/json",
  };
}

/** Refusals name the metadata, and the scopes that a token should have. */
export function tokenChallenge({ tokens, publicUrl }: ProtectedResource): Challenge {
  const headerOf = (scopes: readonly Scope[], error: string | null) => {
    const url = `${publicUrl().replace(/\/$/, "")}${wellKnown}/mcp`;
    const fields = [`resource_metadata="${url}"`, `scope="${scopes.join(" ")}"`];
    return `Bearer ${[...(error === null ? [] : [`error="${error}"`]), ...fields].join(", ")}`;
  };
  return (error, headers) => {
    if (error instanceof InsufficientScopeError) return headerOf(error.scopes, "insufficient_scope");
    if (error.status !== 401) return null;
    return headerOf(tokens.scopes, bearerIn(headers) === null ? null : "invalid_token");
  };
}
