import { limits } from "./limits.ts";

const statusByCode = {
  already_authenticated: 400,
  authorization_not_claimable: 400,
  authorization_used: 400,
  bad_request: 400,
  token_invalid: 400,
  endpoint_unreachable: 400,
  example_missing: 400,
  job_not_cancellable: 400,
  limit_reached: 400,
  quota_exceeded: 400,
  sync_under_way: 400,
  payload_deleted: 400,
  range_invalid: 400,
  readable_id_taken: 400,
  authentication_method_unsupported: 400,
  unauthenticated: 401,
  scope_missing: 403,
  claim_token_invalid: 403,
  console_header_missing: 403,
  host_not_allowed: 403,
  not_found: 404,
  method_not_allowed: 405,
  event_id_conflict: 409,
  event_type_exists: 409,
  event_type_own: 409,
  uid_taken: 409,
  organization_in_use: 409,
  idempotency_conflict: 409,
  idempotency_in_progress: 409,
  idempotency_secret: 409,
  job_under_way: 409,
  sync_paused: 409,
  subscription_disabled: 409,
  subscription_of_agent: 409,
  recovery_ended: 409,
  task_ended: 409,
  authorization_expired: 410,
  payload_too_large: 413,
  media_type_unsupported: 415,
  validation_failed: 422,
  rate_limited: 429,
  too_many_streams: 429,
  too_many_bytes: 429,
  too_many_calls: 429,
  internal: 500,
  language_model_missing: 501,
  not_implemented: 501,
  unavailable: 503,
  overloaded: 503,
} as const;

export type ErrorCode = keyof typeof statusByCode;

/** One mistake in a request: its location, a description, and its kind. */
export interface Mistake {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** An error that has a response for the caller. Any other thrown error is a bug and becomes a 500 without details. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;
  readonly mistakes: readonly Mistake[];

  constructor(code: ErrorCode, message: string, options: ErrorOptions & { mistakes?: readonly Mistake[] } = {}) {
    super(cutTo(message, limits.errorTextLengthMax), options);
    this.code = code;
    this.mistakes = (options.mistakes ?? []).slice(0, limits.mistakesMax).map(shortened);
  }

  get status(): number {
    return statusByCode[this.code];
  }
}

// Limits how much of a request its response repeats.
function shortened({ loc, msg, type }: Mistake): Mistake {
  const steps = loc.slice(0, limits.mistakeStepsMax);
  return {
    loc: steps.map((step) => (typeof step === "string" ? cutTo(step, limits.mistakeTextLengthMax) : step)),
    msg: cutTo(msg, limits.errorTextLengthMax),
    type: cutTo(type, limits.mistakeTextLengthMax),
  };
}

function cutTo(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1).toWellFormed()}…`;
}

/** A 422. Its detail is the first mistake, so that clients that show only `detail` are useful. */
export function validationFailed(mistakes: readonly Mistake[]): ApiError {
  return new ApiError("validation_failed", validationSentence(mistakes), { mistakes });
}

/** The detail of an error with these mistakes, which is the first of them. */
export function validationSentence([first]: readonly Mistake[]): string {
  return first === undefined ? "The request is not valid." : `${first.loc.join(".")}: ${first.msg}`;
}

/** The error when an organization has reached its limit of an object. */
export function quotaExceeded(max: number, plural: string): ApiError {
  const sentence = `This organization has ${max} ${plural}, which is its limit.`;
  return new ApiError("quota_exceeded", `${sentence} Delete some, or ask the operator for a higher limit.`);
}

/** The store could not commit (a full disk, a lock, a lost connection). Nothing was accepted, and the caller may retry. */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
}

/** The database did not respond to a commit, so the change may or may not be stored. */
export class OutcomeUnknownError extends StoreUnavailableError {}
