import { defineTask } from "../../../sandbox/task.ts";
import { type ApiDialect, type ApiReply, JsonApi, type JsonApiParts, type JsonApiSettings } from "../http/json-api.ts";
import type { ApiResponseText, ParsedResponse } from "../http/response-shapes.ts";
import type { ZendeskShapes } from "./parse-response.ts";

/** Only the sandbox loads the parsers. */
const parseZendeskResponse = defineTask<ApiResponseText, ParsedResponse>(
  new URL("./parse-response.ts", import.meta.url),
);

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
