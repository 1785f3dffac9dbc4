import type { IncomingHttpHeaders } from "node:http";
import { ApiError, OutcomeUnknownError, StoreUnavailableError } from "../domain/errors.ts";
import type { Holding } from "./bytes-under-way.ts";

/** The form of an error in a response. */
export interface ErrorResponse {
  readonly status: number;
  readonly mediaType: string;
  readonly body: object;
}

/** How an API formats an error. */
export type RenderError = (error: ApiError, requestId: string) => ErrorResponse;

/** Returns the header `WWW-Authenticate` of an error, or null. Source: RFC 9110, 11.6.1. */
export type Challenge = (error: ApiError, headers: IncomingHttpHeaders) => string | null;

export const keyChallenge: Challenge = ({ status }) => (status === 401 ? "Bearer" : null);

/** Source: RFC 9457 (problem details), with the platform's `detail` and `errors`. */
export const problemResponse: RenderError = ({ status, code, message, mistakes }, requestId) => ({
  status,
  mediaType: "application/problem+json",
  body: {
    type: `urn:weft:error:${code}`,
    title: code.replaceAll("_", " "),
    status,
    code,
    detail: message,
    request_id: requestId,
    ...(status === 422 ? { errors: mistakes } : {}),
  },
});

/** The error, if its list of mistakes fits the caller's byte limit; otherwise the error of that limit. */
export function countedError(error: ApiError, holding: Holding | undefined): ApiError {
  if (error.mistakes.length === 0) return error;
  try {
    holding?.add(Buffer.byteLength(JSON.stringify(error.mistakes)));
    return error;
  } catch (refusal) {
    return owedResponse(refusal);
  }
}

const nothingStored = "The database cannot store anything now. Nothing was accepted; try again.";
const outcomeUnknown =
  "The database does not respond. The request may have been stored: try again with the same event id or idempotency key.";

/** The response for a thrown value. `internal` means that the fault is Weft's own. */
export function owedResponse(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof StoreUnavailableError) {
    const sentence = error instanceof OutcomeUnknownError ? outcomeUnknown : nothingStored;
    return new ApiError("unavailable", sentence, { cause: error });
  }
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return new ApiError("media_type_unsupported", "Send the body as application/json.", { cause: error });
  }
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  if (typeof status === "number" && status >= 400 && status < 500) {
    return new ApiError("bad_request", "The request could not be read.", { cause: error });
  }
  return new ApiError("internal", "An internal error occurred. Find it in the log by the request id.", {
    cause: error,
  });
}
