import type { AttemptOutcome } from "./attempt.ts";
import { type Exchange, headerOf } from "./exchange.ts";
import { retryAfterMs } from "./retry-after.ts";

const notes = {
  too_large: "too_large: The response body was longer than the limit, and the rest was left out.",
  closed: "closed: The connection ended before the response body did.",
  redirect: "redirect: The endpoint returned a redirect, which is not followed.",
} as const;

/** Classifies an exchange, regardless of what sent the request. Only 2xx is success; a redirect is a failure. */
export function outcomeOf(exchange: Exchange, now: number): AttemptOutcome {
  if (exchange.kind === "unanswered") {
    return { kind: "unreachable", reason: exchange.reason, detail: exchange.detail };
  }
  const { status, body } = exchange;
  const isRedirect = status >= 300 && status < 400;
  const note = isRedirect ? notes.redirect : exchange.truncated === null ? null : notes[exchange.truncated];
  if (status >= 200 && status < 300) return { kind: "accepted", status, body, note };
  return {
    kind: "rejected",
    status,
    body,
    note,
    retryAfterMs: retryAfterMs(headerOf(exchange.headers, "retry-after"), now),
  };
}
