import type { OAuthProvider } from "../../oauth/provider.ts";
import { apiUrl } from "../http/api-url.ts";

export const publicNotionUrl = "https://api.notion.com";

/** Throws a SourceError when it is not the URL of an allowed API. */
export function notionUrl(text: string, { allowHttp }: { readonly allowHttp: boolean }): string {
  return apiUrl(text, { setting: "api_url", example: publicNotionUrl, allowHttp });
}

export function notionProvider(api: string): OAuthProvider {
  return {
    issuer: new URL(api).origin,
    authorizeUrl: `${api}/v1/oauth/authorize`,
    tokenUrl: `${api}/v1/oauth/token`,
    // Notion's revocation expects JSON and another authentication than the standard's.
    revocationUrl: null,
    // The owner selects the pages in the browser, and the integration's capabilities limit the rest.
    scopes: [],
    authorizeParameters: { owner: "user" },
    clientAuthentication: "plain_basic",
    tokenRequests: "json",
    pkce: false,
    grantErrors: [],
  };
}
