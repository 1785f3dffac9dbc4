/** One mistake in a request: its location, a sentence, and its kind. */
export interface Mistake {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** The API returned an error. */
export class WeftApiError extends Error {
  override readonly name = "WeftApiError";
  readonly status: number;
  /** The error code, such as `not_found`; `unknown` when a proxy in between responded. */
  readonly code: string;
  /** One sentence that says what happened, to which object, and what to do. */
  readonly detail: string;
  /** Every mistake in the request; empty unless `status` is 422. */
  readonly errors: readonly Mistake[];
  /** Identifies the request in Weft's log. */
  readonly requestId: string | null;

  constructor(response: Pick<WeftApiError, "status" | "code" | "detail" | "errors" | "requestId">) {
    super(`${response.status} ${response.code}: ${response.detail}`);
    this.status = response.status;
    this.code = response.code;
    this.detail = response.detail;
    this.errors = response.errors;
    this.requestId = response.requestId;
  }
}

/** No response arrived: the connection failed or broke, or the time ran out. */
export class WeftConnectionError extends Error {
  override readonly name = "WeftConnectionError";
  readonly reason: "network" | "timeout";

  constructor(reason: WeftConnectionError["reason"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** Parses an error response, from Weft or from a proxy. */
export function apiErrorFrom(response: Response, text: string): WeftApiError {
  const problem = problemIn(text);
  return new WeftApiError({
    status: response.status,
    code: typeof problem.code === "string" ? problem.code : "unknown",
    detail: typeof problem.detail === "string" ? problem.detail : strangeResponse(response),
    errors: Array.isArray(problem.errors) ? (problem.errors as Mistake[]) : [],
    requestId: typeof problem.request_id === "string" ? problem.request_id : response.headers.get("x-request-id"),
  });
}

function problemIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

// Weft itself never redirects, and following a redirect would send the API key to another server.
function strangeResponse({ status, headers }: Response): string {
  if (status >= 300 && status < 400) {
    return `The address redirects to ${headers.get("location") ?? "another"}. Give the client that address.`;
  }
  return `The answer is an HTTP ${status} that Weft did not write.`;
}
