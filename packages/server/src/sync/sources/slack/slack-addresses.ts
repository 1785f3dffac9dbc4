import type { OAuthProvider } from "../../oauth/provider.ts";
import { apiUrl } from "../http/api-url.ts";

export const publicSlackApiUrl = "https://slack.com/api";

/** Throws a SourceError when it is not the URL of an allowed API. */
export function slackApiUrl(text: string, { allowHttp }: { readonly allowHttp: boolean }): string {
  return apiUrl(text, { setting: "api_url", example: publicSlackApiUrl, allowHttp });
}

/** Supports tokens of bots that do not expire, and rotated tokens, which last twelve hours and are renewed. */
export function slackProvider(api: string, scopes: readonly string[]): OAuthProvider {
  const { origin } = new URL(api);
  return {
    issuer: origin,
    authorizeUrl: `${origin}/oauth/v2/authorize`,
    tokenUrl: `${api}/oauth.v2.access`,
    // Slack revokes tokens through a method of its API, which is not the standard's.
    revocationUrl: null,
    scopes,
    scopeSeparator: ",",
    authorizeParameters: {},
    clientAuthentication: "post",
    // An app must be configured for PKCE before Slack accepts it.
    pkce: false,
    grantErrors: ["invalid_code", "code_already_used", "invalid_refresh_token", "token_revoked", "token_expired"],
    bearerTypes: ["bot", "user"],
  };
}
