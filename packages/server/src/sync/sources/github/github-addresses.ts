// The URLs of a GitHub installation's API, pages and OAuth, which the setting `api_url` determines.

import type { OAuthProvider } from "../../oauth/provider.ts";
import { apiUrl } from "../http/api-url.ts";

export const publicApiUrl = "https://api.github.com";

/** Throws a SourceError when it is not the URL of an allowed API. */
export function githubApiUrl(text: string, { allowHttp }: { readonly allowHttp: boolean }): string {
  return apiUrl(text, { setting: "api_url", example: "https://github.example.com/api/v3", allowHttp });
}

/** The web host of the API's data: the API's host, without `api.` on GitHub's own hosts. */
export function webOrigin(api: string): string {
  const url = new URL(api);
  const isGithubs = url.host === "api.github.com" || /^api\.[\w-]+\.ghe\.com$/.test(url.host);
  return isGithubs ? `https://${url.host.slice("api.".length)}` : url.origin;
}

/** Whether these settings use github.com only. */
export function isPublicGithub(api: string): boolean {
  return URL.parse(api)?.href.replace(/\/+$/, "") === publicApiUrl;
}

/** Supports OAuth apps, whose tokens do not expire, and GitHub Apps, whose tokens last eight hours and are renewed. */
export function githubProvider(api: string): OAuthProvider {
  const issuer = `${webOrigin(api)}/login/oauth`;
  return {
    issuer,
    authorizeUrl: `${issuer}/authorize`,
    tokenUrl: `${issuer}/access_token`,
    revocationUrl: null,
    // A smaller scope cannot read a private repository. A GitHub App has permissions instead and ignores it.
    scopes: ["repo"],
    authorizeParameters: {},
    clientAuthentication: "post",
    pkce: true,
    grantErrors: ["bad_verification_code", "bad_refresh_token"],
  };
}
