import type { OAuthProvider } from "../../oauth/provider.ts";
import { SourceError } from "../../source.ts";
import { apiUrl } from "../http/api-url.ts";

const example = "https://example.my.salesforce.com";

/** The origin of a Salesforce org. Throws a SourceError when it is not an allowed one. */
export function salesforceUrl(text: string, { allowHttp }: { readonly allowHttp: boolean }): string {
  const url = apiUrl(text, { setting: "url", example, allowHttp });
  if (url !== new URL(url).origin) throw new SourceError(`\`url\` must not have a path, such as ${example}.`);
  return url;
}

/** Whether Salesforce itself serves this address, so that only Salesforce receives the operator's secret. */
export function isSalesforce(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "https:" && url.port === "" && /^[a-z\d.-]+\.my\.salesforce\.com$/.test(url.hostname);
}

/** Access tokens have no expiry. They end with a session, and are renewed when Salesforce rejects them. */
export function salesforceProvider(origin: string): OAuthProvider {
  return {
    issuer: origin,
    authorizeUrl: `${origin}/services/oauth2/authorize`,
    tokenUrl: `${origin}/services/oauth2/token`,
    revocationUrl: `${origin}/services/oauth2/revoke`,
    scopes: ["api", "refresh_token"],
    authorizeParameters: {},
    clientAuthentication: "post",
    pkce: true,
    grantErrors: ["inactive_user", "inactive_org"],
  };
}
