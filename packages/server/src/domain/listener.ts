// A listener is a subscription without a URL: its deliveries are handed to a program that holds a connection open for it,
// and the program reports how each request ended.

import type { UnreachableReason } from "./attempt.ts";
import type { Exchange } from "./exchange.ts";
import { limits } from "./limits.ts";

/** Stands where other subscriptions have a URL. */
export function listenerUrl(name: string): string {
  return `listener://${name}`;
}

/** What a listener reports of a delivery that it took. */
export type Told =
  | {
      readonly status: number;
      readonly body: string;
      readonly retryAfter: string | null;
      readonly truncated: "too_large" | "closed" | null;
    }
  | { readonly reason: UnreachableReason; readonly detail: string };

/** The exchange that a listener reports, as the sender of any other delivery would have returned it. */
export function toldExchange(told: Told, durationMs: number): Exchange {
  if ("reason" in told) return { kind: "unanswered", reason: told.reason, detail: told.detail, durationMs };
  const { status, retryAfter, body, truncated } = told;
  const isLonger = body.length > limits.responseBytesKept;
  return {
    kind: "answered",
    status,
    headers: retryAfter === null ? {} : { "retry-after": retryAfter },
    body: isLonger ? body.slice(0, limits.responseBytesKept).toWellFormed() : body,
    truncated: truncated ?? (isLonger ? "too_large" : null),
    durationMs,
  };
}
