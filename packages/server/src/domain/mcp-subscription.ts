// The rules of subscriptions that agents make through MCP, which are not those of a protocol version.

import type { Attempt } from "./attempt.ts";
import { ApiError, type ErrorCode } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { limits } from "./limits.ts";

/** Why Weft ends a subscription before its time. */
export type McpEnding = "access_revoked" | "event_removed" | "schema_changed";

/** Arguments of a subscription: accepted values by the name of a field of the payload. */
export type McpArguments = Readonly<Record<string, Scalar | readonly Scalar[]>>;
export type Scalar = string | number | boolean | null;

/** JSON with sorted keys and without spaces, as in RFC 8785. The value comes from JSON, so its depth is bounded. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(",")}}`;
}

/** The time until a subscription ends, from the requested one. Null requests the longest. */
export function grantedMs(ttlMs: number | null | undefined): number {
  if (ttlMs === undefined) return limits.mcpTtlMs;
  return Math.min(Math.max(ttlMs ?? limits.mcpTtlMsMax, limits.mcpTtlMsMin), limits.mcpTtlMsMax);
}

/** The failures that an agent learns of. They contain nothing that a receiver said. */
export const mcpFailures = [
  "connection_refused",
  "timeout",
  "tls_error",
  "http_4xx",
  "http_5xx",
  "challenge_failed",
] as const;
export type McpFailure = (typeof mcpFailures)[number];

/** Why the request for an exchange failed; null for a 2xx. */
export function mcpFailureOf(exchange: Exchange): McpFailure | null {
  if (exchange.kind === "answered") return failureOfStatus(exchange.status);
  return failureOfReason(exchange.reason);
}

/** Why a recorded attempt failed; null when it succeeded. */
export function mcpFailureOfAttempt({
  succeeded,
  responseStatus,
  error,
}: Pick<Attempt, "succeeded" | "responseStatus" | "error">) {
  if (succeeded) return null;
  if (responseStatus !== 0) return failureOfStatus(responseStatus);
  return failureOfReason(error?.split(":")[0] ?? "");
}

function failureOfStatus(status: number): McpFailure | null {
  if (status >= 200 && status < 300) return null;
  return status >= 500 ? "http_5xx" : "http_4xx";
}

function failureOfReason(reason: string): McpFailure {
  if (reason === "timeout") return "timeout";
  if (reason === "tls") return "tls_error";
  // The body of a request was larger than an agent may receive.
  return reason === "too_large" ? "http_4xx" : "connection_refused";
}

const codeOfKind = {
  invalid_params: "validation_failed",
  not_found: "not_found",
  forbidden: "scope_missing",
  resource_exhausted: "rate_limited",
  unsupported: "not_implemented",
  callback_endpoint: "endpoint_unreachable",
} as const satisfies Record<string, ErrorCode>;

export type McpErrorKind = keyof typeof codeOfKind;

/** A refusal of the extension for events, with data by which clients distinguish cases. */
export class McpError extends ApiError {
  readonly kind: McpErrorKind;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(kind: McpErrorKind, message: string, data: Readonly<Record<string, unknown>>) {
    super(codeOfKind[kind], message);
    this.kind = kind;
    this.data = data;
  }
}

/** The codes of the first design of the extension for events, which most clients use, and those of the later SEP-3415. */
const eventCodes = {
  sketch: {
    not_found: -32_011,
    forbidden: -32_012,
    resource_exhausted: -32_013,
    unsupported: -32_014,
    callback_endpoint: -32_015,
  },
  "sep-3415": {
    not_found: -32_023,
    forbidden: -32_024,
    resource_exhausted: -32_025,
    unsupported: -32_026,
    callback_endpoint: -32_027,
  },
} as const;

export type McpErrorCodes = keyof typeof eventCodes;

/** The code of a refusal by the extension for events. */
export function eventCodeOf(kind: McpErrorKind, codes: McpErrorCodes): number {
  return kind === "invalid_params" ? -32_602 : eventCodes[codes][kind];
}
