import type { Attempt, AttemptOutcome } from "../domain/attempt.ts";
import type { Clock } from "../domain/clock.ts";
import { type ClaimedDelivery, type SettledDelivery, settle } from "../domain/delivery.ts";
import { type NewId, prefixed } from "../domain/id.ts";
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
    attempt: {
      id: parts.newId<"attempt">(),
      organizationId: delivery.organizationId,
      messageId,
      subscriptionId: delivery.subscriptionId,
      url: target.url,
      ...shownOutcome(outcome),
      startedAt,
      durationMs: exchange.durationMs,
      attemptNumber: delivery.attempts + 1,
      trigger: delivery.trigger,
      nextAttemptAt: settled.state === "due" ? settled.dueAt : null,
    },
  };
}

function shownOutcome(
  outcome: AttemptOutcome,
): Pick<Attempt, "succeeded" | "responseStatus" | "responseBody" | "error"> {
  if (outcome.kind === "unreachable") {
    return { succeeded: false, responseStatus: 0, responseBody: null, error: `${outcome.reason}: ${outcome.detail}` };
  }
  const { status, body, note } = outcome;
  return { succeeded: outcome.kind === "accepted", responseStatus: status, responseBody: body, error: note };
}
