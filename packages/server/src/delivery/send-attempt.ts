import type { Attempt, AttemptOutcome } from "../domain/attempt.ts";
import type { Clock } from "../domain/clock.ts";
import { type ClaimedDelivery, type SettledDelivery, settle } from "../domain/delivery.ts";
import { type NewId, prefixed } from "../domain/id.ts";
import { madeAttempt } from "../domain/made-attempt.ts";
import { type AttemptNews, newsOf } from "../domain/operational-event.ts";
import { neverRetry } from "../domain/retry-policy.ts";
import type { HttpSender } from "../outbound/http-sender.ts";
import { outcomeOf } from "./outcome.ts";
import { requestHeaders } from "./request-headers.ts";
import type { ReadyTarget } from "./targets.ts";

export interface SendParts {
  readonly sender: Pick<HttpSender, "send">;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly userAgent: string;
}

export interface SentAttempt {
  readonly attempt: Attempt;
  readonly outcome: AttemptOutcome;
  readonly settled: SettledDelivery;
  readonly news: AttemptNews | null;
}

/** Makes one attempt: signs, sends, and settles what came of it. */
export async function sendAttempt(
  parts: SendParts,
  delivery: ClaimedDelivery,
  target: ReadyTarget,
): Promise<SentAttempt> {
  const { sender, clock } = parts;
  const startedAt = clock.now();
  const { messageId, payload, contentType } = delivery;
  const exchange = await sender.send({
    url: target.place,
    method: "POST",
    headers: requestHeaders(
      { id: prefixed("msg", messageId), at: startedAt, payload, contentType, keys: target.keys },
      parts.userAgent,
      target.headers,
    ),
    body: payload,
  });
  const now = clock.now();
  const outcome = outcomeOf(exchange, now);
  const settled = settle(delivery, outcome, delivery.trigger === "test" ? neverRetry : target.policy, now);
  return {
    outcome,
    settled,
    news: newsOf(delivery, settled, parts.newId),
    attempt: madeAttempt(delivery, {
      id: parts.newId<"attempt">(),
      url: target.url,
      outcome,
      settled,
      startedAt,
      durationMs: exchange.durationMs,
    }),
  };
}
