import type { OAuthProvider } from "../../oauth/provider.ts";
import { SourceError } from "../../source.ts";
import { apiUrl } from "../http/api-url.ts";

const example = "https://example.zendesk.com";

/** The origin of a Zendesk account. Throws a SourceError when it is not an allowed one. */
export function zendeskUrl(text: string, { allowHttp }: { readonly allowHttp: boolean }): string {
  const url = apiUrl(text, { setting: "url", example, allowHttp });
  if (url !== new URL(url).origin) throw new SourceError(`\`url\` must not have a path, such as ${example}.`);
  return url;
}

/** Whether Zendesk itself answers at this address, so that no one else receives the operator's secret. */
export function isZendesk(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "https:" && url.port === "" && /^[a-z\d-]+\.zendesk\.com$/.test(url.hostname);
}

export function zendeskProvider(origin: string): OAuthProvider {
  return {
    issuer: origin,
    authorizeUrl: `${origin}/oauth/authorizations/new`,
    tokenUrl: `${origin}/oauth/tokens`,
    revocationUrl: null,
    scopes: ["read"],
    authorizeParameters: {},
    clientAuthentication: "post",
    tokenRequests: "json",
    pkce: true,
    grantErrors: ["invalid_token"],
  };
}
