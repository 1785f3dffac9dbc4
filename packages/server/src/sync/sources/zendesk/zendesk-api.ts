import type { OAuthProvider } from "../../oauth/provider.ts";
import { SourceError } from "../../source.ts";
import { apiUrl } from "../http/api-url.ts";
import { type ApiDialect, type ApiReply, JsonApi, type JsonApiParts, type JsonApiSettings } from "../http/json-api.ts";
import { parseZendeskResponse, type ZendeskShapes } from "./parse-response.ts";

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

export interface ZendeskSettings extends JsonApiSettings {
  /** The user of the token; null for an access token, which has one. */
  readonly email: string | null;
}

export type ZendeskApi = JsonApi<ZendeskShapes>;

/** The requests of one job to a Zendesk account. */
export function openZendesk(settings: ZendeskSettings, parts: JsonApiParts, signal: AbortSignal): ZendeskApi {
  return new JsonApi(dialectOf(settings), settings, parts, signal);
}

function dialectOf({ email }: Pick<ZendeskSettings, "email">): ApiDialect {
  return {
    name: "Zendesk",
    urlSetting: "url",
    task: parseZendeskResponse,
    headers: {},
    authorization: (token) =>
      email === null ? `Bearer ${token}` : `Basic ${Buffer.from(`${email}/token:${token}`).toString("base64")}`,
    judge: () => null,
    freeAt,
  };
}

/** When the budget of a minute is full again (Unix ms); null while it is not used up. */
function freeAt({ headers, now }: Pick<ApiReply, "headers" | "now">): number | null {
  const remaining = headers["ratelimit-remaining"] ?? headers["x-rate-limit-remaining"];
  const seconds = Number(headers["ratelimit-reset"] ?? Number.NaN);
  return remaining === "0" && Number.isFinite(seconds) && seconds >= 0 ? now + seconds * 1_000 : null;
}
