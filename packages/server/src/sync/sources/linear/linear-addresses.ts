import type { OAuthProvider } from "../../oauth/provider.ts";
import { apiUrl } from "../http/api-url.ts";

export const publicLinearUrl = "https://api.linear.app";

/** Throws a SourceError when it is not the URL of an allowed API. */
export function linearUrl(text: string, { allowHttp }: { readonly allowHttp: boolean }): string {
  return apiUrl(text, { setting: "api_url", example: publicLinearUrl, allowHttp });
}

export function linearProvider(api: string): OAuthProvider {
  const { origin } = new URL(api);
  return {
    issuer: origin,
    authorizeUrl: `${origin === publicLinearUrl ? "https://linear.app" : origin}/oauth/authorize`,
    tokenUrl: `${origin}/oauth/token`,
    revocationUrl: null,
    scopes: ["read"],
    scopeSeparator: ",",
    authorizeParameters: {},
    clientAuthentication: "post",
    pkce: true,
    grantErrors: [],
  };
}
