// Where an installation of GitHub has its API, its pages, and its OAuth: the setting `api_url` says all of it.

import type { OAuthProvider } from "../../oauth/provider.ts";
import { SourceError } from "../../source.ts";

export const publicApiUrl = "https://api.github.com";

/** Without a slash at its end. Throws a SourceError when it is no address of an API that may be asked. */
export function apiUrl(text: string, { allowHttp }: { readonly allowHttp: boolean }): string {
  const url = URL.parse(text);
  const isHttp = url?.protocol === "http:" && allowHttp;
  if (url === null || (url.protocol !== "https:" && !isHttp)) {
    throw new SourceError("`api_url` begins with https://, such as https://github.example.com/api/v3.");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new SourceError("`api_url` holds no user, no password, no query and no fragment.");
  }
  return url.href.replace(/\/+$/, "");
}

/** Where people see what the API tells: its own host, but without `api.` where GitHub runs it. */
export function webOrigin(api: string): string {
  const url = new URL(api);
  const isGithubs = url.host === "api.github.com" || /^api\.[\w-]+\.ghe\.com$/.test(url.host);
  return isGithubs ? `https://${url.host.slice("api.".length)}` : url.origin;
}

/** Whether these settings lead to github.com and nowhere else. */
export function isPublicGithub(api: string): boolean {
  return URL.parse(api)?.href.replace(/\/+$/, "") === publicApiUrl;
}

/** Serves OAuth apps, whose tokens do not end, and GitHub Apps, whose tokens last eight hours and are renewed. */
export function githubProvider(api: string): OAuthProvider {
  const issuer = `${webOrigin(api)}/login/oauth`;
  return {
    issuer,
    authorizeUrl: `${issuer}/authorize`,
    tokenUrl: `${issuer}/access_token`,
    revocationUrl: null,
    // No lesser one opens a private repository. A GitHub App has its permissions instead, and none of this counts.
    scopes: ["repo"],
    authorizeParameters: {},
    clientAuthentication: "post",
    pkce: true,
    grantErrors: ["bad_verification_code", "bad_refresh_token"],
  };
}
