import type { AttemptOutcome } from "../domain/attempt.ts";
import { retryAfterMs } from "../domain/retry-after.ts";
import type { Exchange } from "../outbound/exchange.ts";

const cutNote = "too_large: The answer was longer than is kept; the rest of its body was left out.";

/** What an exchange means for a delivery: 2xx is success and nothing else is; a redirect is a refusal. */
export function outcomeOf(exchange: Exchange, now: number): AttemptOutcome {
  if (exchange.kind === "unanswered") {
    return { kind: "unreachable", reason: exchange.reason, detail: exchange.detail };
  }
  const { status, body } = exchange;
  const note = exchange.truncated ? cutNote : null;
  if (status >= 200 && status < 300) return { kind: "accepted", status, body, note };
  return { kind: "rejected", status, body, note, retryAfterMs: retryAfterMs(exchange.headers.retryAfter, now) };
}
