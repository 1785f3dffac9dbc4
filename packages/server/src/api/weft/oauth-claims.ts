import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { limits } from "../../domain/limits.ts";
import { type Route, route } from "../../http/route.ts";
import type { AuthorizationClaims } from "../../sync/oauth/claims.ts";
import { connectionOf, connectionResponse } from "./source-connection-schemas.ts";
import { connectionKey, orNotFound, type SourceConnectionParts, shownTo } from "./source-connections.ts";

export interface OAuthClaimParts extends Pick<SourceConnectionParts, "authorizations" | "now"> {
  readonly claims: Pick<AuthorizationClaims, "claim" | "reinitiate">;
}

/** The routes of the caller who began the authorization of a source connection in a browser. */
export function oauthClaimRoutes(parts: OAuthClaimParts): Route[] {
  return [verifyOAuth(parts), reinitiateOAuth(parts)];
}

function verifyOAuth({ claims, authorizations, now }: OAuthClaimParts): Route {
  return route({
    method: "POST",
    path: "/source-connections/:source_connection_id/verify-oauth",
    operation: "verifySourceConnectionOAuth",
    tag: "source-connections",
    summary: "Prove, after the browser's return, who began the authorization, and start the first sync",
    scope: "write",
    body: z.strictObject({
      claim_token: z.string().max(limits.nameLengthMax).describe("The `auth.claim_token` of the authorization."),
    }),
    bodyBounds: bodyBounds.settings,
    response: connectionResponse,
    handle: async (request) =>
      connectionOf(
        orNotFound(await claims.claim(connectionKey(request), request.body.claim_token)),
        shownTo(request.caller, { authorizations, now }),
      ),
  });
}

function reinitiateOAuth({ claims, authorizations, now }: OAuthClaimParts): Route {
  return route({
    method: "POST",
    path: "/source-connections/:source_connection_id/reinitiate-oauth",
    operation: "reinitiateSourceConnectionOAuth",
    tag: "source-connections",
    summary: "Begin the authorization of a source connection again: the previous `auth_url` and claim token end",
    scope: "write",
    idempotency: "secret",
    body: z.looseObject({}).nullish(),
    response: connectionResponse,
    handle: async (request) => {
      const connection = orNotFound(await claims.reinitiate(connectionKey(request)));
      const { claimToken } = connection;
      return connectionOf(connection, { ...shownTo(request.caller, { authorizations, now }), claimToken });
    },
  });
}
