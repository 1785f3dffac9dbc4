import { retryAfterMs } from "../../../domain/retry-after.ts";
import { defineTask } from "../../../sandbox/task.ts";
import { CredentialsRefusedError, SourceError, TransientSourceError } from "../../source.ts";
import {
  type ApiDialect,
  type ApiReply,
  JsonApi,
  type JsonApiParts,
  type JsonApiSettings,
  type Verdict,
} from "../http/json-api.ts";
import type { ApiResponseText, ParsedResponse } from "../http/response-shapes.ts";
import type { SalesforceShapes } from "./parse-response.ts";

/** Only the sandbox loads the parsers. */
const parseSalesforceResponse = defineTask<ApiResponseText, ParsedResponse>(
  new URL("./parse-response.ts", import.meta.url),
);

/** The path of the version of the API that is read. */
export const dataPath = "/services/data/v64.0";

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
