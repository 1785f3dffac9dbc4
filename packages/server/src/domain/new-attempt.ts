import type { Attempt, AttemptOutcome } from "./attempt.ts";
import type { ClaimedDelivery, SettledDelivery } from "./delivery.ts";
import type { Exchange } from "./exchange.ts";
import type { AttemptId } from "./id.ts";
import { keptHeaders } from "./kept-headers.ts";

/** The facts of a finished attempt. Times are Unix ms. */
export interface AttemptFacts {
  readonly id: AttemptId;
  readonly url: string;
  readonly exchange: Exchange;
  readonly outcome: AttemptOutcome;
  readonly settled: SettledDelivery;
  readonly startedAt: number;
}

/** The record of an attempt of a delivery. */
export function newAttempt(delivery: ClaimedDelivery, facts: AttemptFacts): Attempt {
  const { id, url, exchange, outcome, settled, startedAt } = facts;
  return {
    id,
    organizationId: delivery.organizationId,
    messageId: delivery.messageId,
    subscriptionId: delivery.subscriptionId,
    url,
    ...shownOutcome(outcome),
    responseHeaders: keptHeaders(exchange),
    startedAt,
    durationMs: exchange.durationMs,
    attemptNumber: delivery.attempts + 1,
    trigger: delivery.trigger,
    nextAttemptAt: settled.state === "due" ? settled.dueAt : null,
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
