import { defineTask } from "../../../sandbox/task.ts";
import { CredentialsRefusedError, type SourceError, TransientSourceError } from "../../source.ts";
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
import type { LinearPage, LinearShapes } from "./parse-response.ts";

/** Only the sandbox loads the parsers. */
const parseLinearResponse = defineTask<ApiResponseText, ParsedResponse>(
  new URL("./parse-response.ts", import.meta.url),
);

export interface LinearSettings extends JsonApiSettings {
  /** Whether the token is a personal API key, which is sent without a scheme. */
  readonly isKey: boolean;
}

function dialectOf({ isKey }: Pick<LinearSettings, "isKey">): ApiDialect {
  return {
    name: "Linear",
    urlSetting: "api_url",
    task: parseLinearResponse,
    headers: {},
    authorization: (token) => (isKey ? token : `Bearer ${token}`),
    judge,
    freeAt: ({ headers }) => (isSpent(headers) ? resetAt(headers) : null),
  };
}

/** Linear reports its errors in the body, with status 200 or 400. */
function judge({ status, error, headers, now }: ApiReply): Verdict | null {
  switch (error?.code) {
    case "RATELIMITED": {
      const at = resetAt(headers);
      return { kind: "limited", waitMs: at === null ? null : Math.max(at - now, 1_000) };
    }
    case "AUTHENTICATION_ERROR":
    case "UNAUTHENTICATED":
      return { kind: "unauthorized" };
    case "FORBIDDEN":
      return refused(
        new CredentialsRefusedError("The token does not have access to Linear's data. It needs the scope read."),
      );
    case "INTERNAL_ERROR":
    case "INTERNAL_SERVER_ERROR":
    case "LOCK_TIMEOUT":
      return status < 500 ? refused(new TransientSourceError(`Linear returned the error ${error.code}.`)) : null;
    default:
      return null;
  }
}

function refused(error: SourceError): Verdict {
  return { kind: "refused", error };
}

type Headers = ApiReply["headers"];

/** The budgets of an hour, in requests and in points of complexity. */
const budgets = ["x-ratelimit-requests", "x-ratelimit-complexity", "x-ratelimit-endpoint-requests"];

/** Whether another query like the last one would exceed a budget. */
function isSpent(headers: Headers): boolean {
  return budgets.some((budget) => isBudgetSpent(headers, budget));
}

function isBudgetSpent(headers: Headers, budget: string): boolean {
  const needed = budget.endsWith("complexity") ? Number(headers["x-complexity"] ?? 1) : 1;
  return Number(headers[`${budget}-remaining`] ?? Number.POSITIVE_INFINITY) < needed;
}

/** When the spent budgets are full again, plus a second, because clocks differ (Unix ms); null where Linear does not say. */
function resetAt(headers: Headers): number | null {
  const spent = budgets.filter((budget) => isBudgetSpent(headers, budget));
  const times = spent.map((budget) => Number(headers[`${budget}-reset`] ?? Number.NaN));
  const known = times.filter((time) => Number.isSafeInteger(time) && time < 1e14);
  return known.length === 0 ? null : Math.max(...known) + 1_000;
}

export interface LinearQuery<Shape> {
  readonly shape: Shape;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** How many nodes a page has. */
  readonly pageSize: number;
  /** Where the list begins, if not at its beginning. */
  readonly after?: string;
}

/** The queries of one job to Linear. */
export class LinearApi {
  readonly #api: JsonApi<LinearShapes>;

  constructor(settings: LinearSettings, parts: JsonApiParts, signal: AbortSignal) {
    this.#api = new JsonApi(dialectOf(settings), settings, parts, signal);
  }

  /** The nodes of a list, page by page. */
  async *pages<Shape extends keyof LinearShapes>(
    query: LinearQuery<Shape>,
  ): AsyncGenerator<LinearShapes[Shape]["nodes"]> {
    const cursors = new PageCursors(this.#api.providerName);
    let after = query.after ?? null;
    for (;;) {
      const variables = { ...query.variables, first: query.pageSize, after };
      const body = { query: query.query, variables };
      const page: LinearPage<unknown> = await this.#api.require({ shape: query.shape, address: "/graphql", body });
      yield page.nodes as LinearShapes[Shape]["nodes"];
      if (page.next === null) return;
      after = cursors.next(page.next);
    }
  }
}
