import type { Attempt, AttemptOutcome } from "./attempt.ts";
import type { ClaimedDelivery, SettledDelivery } from "./delivery.ts";
import type { AttemptId } from "./id.ts";

/** What is known of an attempt once it is over. Times are Unix ms. */
export interface Made {
  readonly id: AttemptId;
  readonly url: string;
  readonly outcome: AttemptOutcome;
  readonly settled: SettledDelivery;
  readonly startedAt: number;
  readonly durationMs: number;
}

/** An attempt that was made for a delivery, as it is stored. */
export function madeAttempt(delivery: ClaimedDelivery, made: Made): Attempt {
  const { id, url, outcome, settled, startedAt, durationMs } = made;
  return {
    id,
    organizationId: delivery.organizationId,
    messageId: delivery.messageId,
    subscriptionId: delivery.subscriptionId,
    url,
    ...shownOutcome(outcome),
    startedAt,
    durationMs,
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
