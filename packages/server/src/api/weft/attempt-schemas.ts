import { z } from "zod";
import type { AttemptFilter } from "../../domain/attempt-filter.ts";
import { prefixed } from "../../domain/id.ts";
import { hasHeadersLeftOut, headersByName } from "../../domain/kept-headers.ts";
import { type StatusClass, statusClasses } from "../../domain/status-class.ts";
import { fitting } from "../../http/pages.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { AttemptListItem } from "../../store/attempts/interface.ts";

export const attemptStatuses = ["success", "failed", "pending"] as const;

/** A query parameter. */
export const statusClass = z.enum(statusClasses).optional();

const attemptFields = {
  id: z.string().describe("`atmpt_…`"),
  message_id: z.uuid(),
  event_type: z.string().nullable().describe("The event type of the message; null when retention deleted the message."),
  endpoint_id: z.uuid().describe("The subscription's id."),
  url: z.string(),
  status: z.enum(attemptStatuses).describe("`pending`: a delivery that has not been attempted yet."),
  response_status_code: z.int().describe("0 when no response arrived."),
  response: z.string().nullable().describe("The first 16 KiB of the response body."),
  response_headers: z
    .record(z.string(), z.string())
    .nullable()
    .describe(
      "The first 40 response headers, up to 4 KiB. A value of more than 1,024 characters ends with `…`, and values that look like credentials are `***`. Null without headers, and after the response was deleted.",
    ),
  response_headers_truncated: z
    .boolean()
    .describe("Whether the response had more headers than `response_headers` has."),
  error: z
    .string()
    .nullable()
    .describe("`reason: sentence` when no response arrived, or a note that the response was truncated."),
  timestamp: timeResponse,
  duration_ms: z.int(),
  attempt_number: z.int().describe("1 for the first attempt of this delivery; 0 while it is pending."),
  trigger: z.enum(["scheduled", "manual", "recovery", "test"]),
  next_attempt_at: timeResponse
    .nullable()
    .describe("Null when another attempt followed, and when no further attempt is due."),
};

export const attemptResponse = z
  .object(attemptFields)
  .meta({ id: "Attempt", description: "One HTTP request that was made for a delivery, with its outcome." });

export const attemptWithRequest = z
  .object({
    ...attemptFields,
    request: z.object({
      method: z.enum(["POST", "SMTP"]),
      url: z.string(),
      headers: z
        .record(z.string(), z.string())
        .describe(
          "Weft's headers, reproduced as they were sent, and the subscription's own. Without the scope `secrets`, own headers that look like credentials are `***`.",
        ),
      signature_known: z
        .boolean()
        .describe(
          "False for destinations, and when a secret or the signed payload was deleted. Signatures are then omitted.",
        ),
      own_headers_known: z
        .boolean()
        .describe("False when the subscription was changed since. Its current headers are then shown, if it exists."),
      body: z
        .string()
        .nullable()
        .describe(
          "The notice for a destination, rendered with its current template. Null for a webhook, whose body is the payload.",
        ),
      body_bytes: z.int().nullable().describe("Null when the payload was deleted."),
    }),
  })
  .meta({ id: "AttemptWithRequest", description: "An attempt with the request that was sent." });

export type AttemptResponse = z.input<typeof attemptResponse>;

/** The newest attempts of an object, as many as fit on a page. */
export function fittingAttempts(rows: readonly AttemptListItem[]): AttemptResponse[] {
  const attempts = rows.map(attemptOf);
  return attempts.slice(0, fitting(attempts, JSON.stringify).length);
}

export function attemptOf(row: AttemptListItem): AttemptResponse {
  if (row.kind === "pending") {
    return {
      id: prefixed("atmpt", row.messageId),
      message_id: row.messageId,
      event_type: row.eventType,
      endpoint_id: row.subscriptionId,
      url: row.url,
      status: "pending",
      response_status_code: 0,
      response: null,
      response_headers: null,
      response_headers_truncated: false,
      error: null,
      timestamp: isoTime(row.createdAt),
      duration_ms: 0,
      attempt_number: 0,
      trigger: row.trigger,
      next_attempt_at: isoTime(row.nextAttemptAt),
    };
  }
  return {
    id: prefixed("atmpt", row.id),
    message_id: row.messageId,
    event_type: row.eventType,
    endpoint_id: row.subscriptionId,
    url: row.url,
    status: row.succeeded ? "success" : "failed",
    response_status_code: row.responseStatus,
    response: row.responseBody,
    response_headers: row.responseHeaders === null ? null : headersByName(row.responseHeaders),
    response_headers_truncated: row.responseHeaders !== null && hasHeadersLeftOut(row.responseHeaders),
    error: row.error,
    timestamp: isoTime(row.startedAt),
    duration_ms: row.durationMs,
    attempt_number: row.attemptNumber,
    trigger: row.trigger,
    next_attempt_at: row.nextAttemptAt === null ? null : isoTime(row.nextAttemptAt),
  };
}

interface AttemptedRequest {
  readonly status_class?: StatusClass | null | undefined;
  readonly attempted_since?: number | null | undefined;
  readonly attempted_until?: number | null | undefined;
}

/** The filter of requests for messages by their attempts; null without one. */
export function attemptedIn({
  status_class,
  attempted_since,
  attempted_until,
}: AttemptedRequest): AttemptFilter | null {
  const filter = { statusClass: status_class ?? null, since: attempted_since ?? null, until: attempted_until ?? null };
  return Object.values(filter).every((value) => value === null) ? null : filter;
}
