// A listener is a subscription without a URL: its deliveries are handed to whoever holds a connection open for it, and
// what came of them is told back.

import type { AttemptOutcome, UnreachableReason } from "./attempt.ts";
import { limits } from "./limits.ts";
import { retryAfterMs } from "./retry-after.ts";

/** Stands where other subscriptions have a URL. */
export function listenerUrl(name: string): string {
  return `listener://${name}`;
}

export const unansweredReasons = ["connect", "timeout", "closed", "protocol"] as const satisfies UnreachableReason[];

/** What a listener says of a delivery that it took. */
export type Told =
  | { readonly status: number; readonly body: string; readonly retryAfter: string | null }
  | { readonly reason: (typeof unansweredReasons)[number]; readonly detail: string };

const tooLarge = "too_large: The answer was longer than is kept; the rest of its body was left out.";

/** What an answer on a listener's machine means: as of any receiver, 2xx is success and nothing else is. */
export function toldOutcome(told: Told, now: number): AttemptOutcome {
  if ("reason" in told) return { kind: "unreachable", reason: told.reason, detail: told.detail };
  const { status } = told;
  const bytes = Buffer.from(told.body);
  const isCut = bytes.length > limits.responseBytesKept;
  const answer = {
    status,
    body: isCut ? bytes.subarray(0, limits.responseBytesKept).toString() : told.body,
    note: isCut ? tooLarge : null,
  };
  if (status >= 200 && status < 300) return { kind: "accepted", ...answer };
  return { kind: "rejected", ...answer, retryAfterMs: retryAfterMs(told.retryAfter, now) };
}
