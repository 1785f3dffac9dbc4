import { type ErrorCode, type Mistake, validationFailed } from "../../domain/errors.ts";
import { ownProperty } from "../../domain/own-property.ts";
import type { RenderError } from "../../http/error-response.ts";
import { UnknownEventTypesError } from "../../subscriptions/subscriptions.ts";

/** Codes with a different name in Svix's clients. */
const codes: { readonly [Code in ErrorCode]?: string } = {
  bad_request: "generic_error",
  token_invalid: "bad_token",
  unauthenticated: "authentication_failed",
  scope_missing: "insufficient access",
  event_id_conflict: "conflict",
  idempotency_conflict: "conflict",
  idempotency_in_progress: "conflict",
  event_type_own: "conflict",
  uid_taken: "conflict",
  subscription_disabled: "conflict",
  example_missing: "invalid_scheme",
  payload_deleted: "missing_payload",
  range_invalid: "invalid_range",
  organization_in_use: "conflict",
};

/** Errors in the format of Svix's SDKs: `code` and `detail`, and a list of mistakes for a 422. Every body is JSON. */
export const renderSvixError: RenderError = (error) => {
  const { status, code, message, mistakes } = error;
  if (status === 500) return response(500, {});
  const isUnread = code === "bad_request" && mistakes.length > 0;
  if (isUnread) return response(422, { detail: mistakes });
  if (code !== "validation_failed") return response(status, { code: codes[code] ?? code, detail: message });
  if (mistakes.some(isUnreadQuery)) return response(400, { code: "generic_error", detail: message });
  if (error instanceof UnknownEventTypesError) {
    const msg = `The following event types don't exist: ${error.names.join(", ")}`;
    // The error shortens a sentence that repeats much of the request.
    const { mistakes: detail } = validationFailed([{ loc: ["body", "eventTypes"], msg, type: "value_error" }]);
    return response(422, { detail });
  }
  return response(422, {
    detail: mistakes.map(({ loc, msg, type }) => ({ loc: withSvixName(loc), msg, type: svixTypeOf(type) })),
  });
};

/** Types of mistakes that Svix's clients know. All others are a `value_error` for them. */
const types = ["application_uid_missing", "application_uid_mismatch"];

function svixTypeOf(type: string): string {
  return types.includes(type) ? type : "value_error";
}

/** Fields with the names of `/v1` in the use cases. */
const fields: Readonly<Record<string, string>> = { event_type: "eventType", rate_limit: "rateLimit" };

function withSvixName(loc: Mistake["loc"]): Mistake["loc"] {
  const [part, field, ...rest] = loc;
  if (part !== "body" || typeof field !== "string") return loc;
  return [part, ownProperty(fields, field) ?? field, ...rest];
}

function response(status: number, body: object) {
  return { status, mediaType: "application/json", body };
}

// A query with a value of the wrong kind, such as `limit=many`.
function isUnreadQuery({ loc, type }: Mistake): boolean {
  return loc[0] === "query" && (type === "invalid_type" || type === "invalid_value");
}
