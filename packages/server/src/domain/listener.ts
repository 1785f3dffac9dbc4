// A listener is a subscription without a URL. A program holds a connection open and receives its deliveries there. The program
// then reports how each request ended.

import type { UnreachableReason } from "./attempt.ts";
import type { Exchange } from "./exchange.ts";
import { limits } from "./limits.ts";

/** Replaces the URL of other subscriptions. */
export function listenerUrl(name: string): string {
  return `listener://${name}`;
}

/** The outcome that a listener reports for a delivery. */
export type ReportedOutcome =
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly retryAfter: string | null;
      readonly truncated: "too_large" | "closed" | null;
    }
  | { readonly reason: UnreachableReason; readonly detail: string };

/** The exchange that a listener reports, in the form that the sender of any other delivery returns. */
export function reportedExchange(reported: ReportedOutcome, durationMs: number): Exchange {
  if ("reason" in reported) return { kind: "unanswered", reason: reported.reason, detail: reported.detail, durationMs };
  const { status, headers, retryAfter, body, truncated } = reported;
  const isLonger = body.length > limits.responseBytesKept;
  return {
    kind: "answered",
    status,
    headers: retryAfter === null ? headers : { ...headers, "retry-after": retryAfter },
    body: isLonger ? body.slice(0, limits.responseBytesKept).toWellFormed() : body,
    truncated: truncated ?? (isLonger ? "too_large" : null),
    durationMs,
  };
}
