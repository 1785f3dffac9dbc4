import { retryAfterMs } from "../../../domain/retry-after.ts";
import type { OAuthProvider } from "../../oauth/provider.ts";
import { CredentialsRefusedError, SourceError, TransientSourceError } from "../../source.ts";
import { apiUrl } from "../http/api-url.ts";
import {
  type ApiDialect,
  type ApiReply,
  JsonApi,
  type JsonApiParts,
  type JsonApiSettings,
  type Verdict,
} from "../http/json-api.ts";
import { parseSalesforceResponse, type SalesforceShapes } from "./parse-response.ts";

const example = "https://example.my.salesforce.com";

/** The path of the version of the API that is read. */
export const dataPath = "/services/data/v64.0";

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

export interface SalesforceSettings extends JsonApiSettings {
  /** The share of the org's requests of 24 hours (%) at which a job ends. */
  readonly usagePercentMax: number;
}

export type SalesforceApi = JsonApi<SalesforceShapes>;

/** The requests of one job to a Salesforce org. */
export function openSalesforce(settings: SalesforceSettings, parts: JsonApiParts, signal: AbortSignal): SalesforceApi {
  const dialect: ApiDialect = {
    name: "Salesforce",
    urlSetting: "url",
    task: parseSalesforceResponse,
    headers: { "sforce-query-options": "batchSize=500" },
    authorization: (token) => `Bearer ${token}`,
    judge: (reply) => judge(reply, settings),
  };
  return new JsonApi(dialect, settings, parts, signal);
}

function judge({ status, headers, error, now }: ApiReply, { usagePercentMax }: SalesforceSettings): Verdict | null {
  switch (error?.code) {
    case "INVALID_SESSION_ID":
      return { kind: "unauthorized" };
    case "REQUEST_LIMIT_EXCEEDED":
      return { kind: "limited", waitMs: retryAfterMs(headers["retry-after"] ?? null, now) };
    case "API_DISABLED_FOR_ORG":
    case "API_CURRENTLY_DISABLED":
    case "INSUFFICIENT_ACCESS":
    case "INSUFFICIENT_ACCESS_OR_READONLY":
      return refused(
        new CredentialsRefusedError(`The token does not have access to Salesforce's API (${error.code}).`),
      );
    // A query locator expires, and an org has a limited number of them.
    case "INVALID_QUERY_LOCATOR":
    case "QUERY_TIMEOUT":
    case "SERVER_UNAVAILABLE":
    case "UNABLE_TO_LOCK_ROW":
      return status < 500 ? refused(new TransientSourceError(`Salesforce returned the error ${error.code}.`)) : null;
    default:
      return usageOf(headers) >= usagePercentMax ? refused(tooManyRequests(usagePercentMax)) : null;
  }
}

/** The share of the org's requests of 24 hours that all programs used (%). */
function usageOf(headers: ApiReply["headers"]): number {
  const [, used, allowed] = /\bapi-usage=(\d{1,12})\/(\d{1,12})/.exec(headers["sforce-limit-info"] ?? "") ?? [];
  return allowed === undefined || Number(allowed) === 0 ? 0 : (Number(used) * 100) / Number(allowed);
}

function tooManyRequests(percent: number): SourceError {
  return new SourceError(
    `The Salesforce org used ${percent} % of its API requests of 24 hours, which \`api_usage_percent_max\` allows. Sync again later.`,
  );
}

function refused(error: SourceError): Verdict {
  return { kind: "refused", error };
}
