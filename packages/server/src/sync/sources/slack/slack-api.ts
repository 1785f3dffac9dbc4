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
import { PageCursors } from "../http/page-cursors.ts";
import type { ApiResponseText, ParsedResponse } from "../http/response-shapes.ts";
import type { SlackShapes } from "./parse-response.ts";

/** Only the sandbox loads the parsers. */
const parseSlackResponse = defineTask<ApiResponseText, ParsedResponse>(new URL("./parse-response.ts", import.meta.url));

const tokenErrors = ["invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"];
const accessErrors = ["missing_scope", "no_permission", "access_denied", "not_allowed_token_type", "accesslimited"];
const passingErrors = ["internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"];

const dialect: ApiDialect = {
  name: "Slack",
  urlSetting: "api_url",
  task: parseSlackResponse,
  headers: {},
  authorization: (token) => `Bearer ${token}`,
  judge,
};

/** Slack reports most errors with status 200. */
function judge({ status, error }: ApiReply): Verdict | null {
  if (error === null || status === 429) return null;
  const { code, detail } = error;
  if (tokenErrors.includes(code)) return { kind: "unauthorized" };
  if (code === "ratelimited") return { kind: "limited", waitMs: null };
  if (accessErrors.includes(code)) {
    const scope = detail === null ? "" : ` It needs the scope ${detail}.`;
    return refused(new CredentialsRefusedError(`The token does not have access to Slack's data (${code}).${scope}`));
  }
  if (passingErrors.includes(code)) return refused(new TransientSourceError(`Slack returned the error ${code}.`));
  return refused(new SourceError(`Slack returned the error ${code}.`));
}

function refused(error: SourceError): Verdict {
  return { kind: "refused", error };
}

export interface SlackCall<Shape> {
  /** The expected form of the response. */
  readonly shape: Shape;
  readonly parameters?: Readonly<Record<string, string>>;
  /** The error codes for which the result is null. */
  readonly absent?: readonly string[];
}

/** The methods of Slack's Web API, as one job calls them. */
export class SlackApi {
  readonly #api: JsonApi<SlackShapes>;

  constructor(settings: JsonApiSettings, parts: JsonApiParts, signal: AbortSignal) {
    this.#api = new JsonApi(dialect, settings, parts, signal);
  }

  /** Null for the error codes in `absent`. */
  async call<Shape extends keyof SlackShapes>(
    method: string,
    call: SlackCall<Shape>,
  ): Promise<SlackShapes[Shape] | null> {
    const { shape, parameters = {}, absent = [] } = call;
    return await this.#api.request({ shape, absent, address: `/${method}?${new URLSearchParams(parameters)}` });
  }

  /** The pages of a list. It ends at once for the error codes in `absent`, with null as its only page. */
  async *pages<Shape extends "channels" | "messages">(
    method: string,
    call: SlackCall<Shape>,
  ): AsyncGenerator<SlackShapes[Shape] | null> {
    const cursors = new PageCursors(dialect.name);
    let parameters: Readonly<Record<string, string>> = { ...call.parameters, limit: "200" };
    for (;;) {
      const page = await this.call(method, { ...call, parameters });
      yield page;
      if (page === null || page.next === null) return;
      parameters = { ...parameters, cursor: cursors.next(page.next) };
    }
  }
}
