import type { Attempt, AttemptOutcome } from "../domain/attempt.ts";
import { outcomeOf } from "../domain/attempt-outcome.ts";
import type { Clock } from "../domain/clock.ts";
import { type ClaimedDelivery, type SettledDelivery, settle } from "../domain/delivery.ts";
import type { Exchange } from "../domain/exchange.ts";
import type { NewId } from "../domain/id.ts";
import { newAttempt } from "../domain/new-attempt.ts";
import { type AttemptOperationalEvents, operationalEventsOf } from "../domain/operational-event.ts";
import { neverRetry } from "../domain/retry-policy.ts";
import type { HttpSender } from "../outbound/http-sender.ts";
import type { MailSender } from "../outbound/mail-sender.ts";
import type { PreparedTarget } from "./prepared-targets.ts";
import type { OutgoingRequest } from "./targets/target-rules.ts";

export interface SendParts {
  readonly sender: Pick<HttpSender, "send">;
  /** For targets that are mail addresses. */
  readonly mailer: Pick<MailSender, "send">;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly userAgent: string;
}

export interface FinishedAttempt {
  readonly attempt: Attempt;
  readonly outcome: AttemptOutcome;
  readonly settled: SettledDelivery;
  readonly operationalEvents: AttemptOperationalEvents | null;
}

/** Makes one attempt: it writes and sends the request, and settles the outcome. */
export async function sendAttempt(
  parts: SendParts,
  delivery: ClaimedDelivery,
  target: PreparedTarget,
): Promise<FinishedAttempt> {
  const { clock } = parts;
  const startedAt = clock.now();
  const request = target.write(delivery, { at: startedAt, userAgent: parts.userAgent });
  const exchange = await send(parts, request, target.owner);
  return settled(parts, delivery, target, { exchange, startedAt });
}

/**
 * An attempt that failed inside Weft before a request was sent. It follows the retry schedule like any other, so that an error
 * that recurs on every attempt ends with the schedule.
 */
export function unsentAttempt(
  parts: SendParts,
  delivery: ClaimedDelivery,
  target: Pick<PreparedTarget, "url" | "policy">,
): FinishedAttempt {
  const exchange = { kind: "unanswered", reason: "internal", detail: unsentDetail, durationMs: 0 } as const;
  return settled(parts, delivery, target, { exchange, startedAt: parts.clock.now() });
}

const unsentDetail =
  "Weft could not make this request because of an unexpected error. The server's log names the error.";

function settled(
  { clock, newId }: SendParts,
  delivery: ClaimedDelivery,
  { url, policy }: Pick<PreparedTarget, "url" | "policy">,
  { exchange, startedAt }: { exchange: Exchange; startedAt: number },
): FinishedAttempt {
  const now = clock.now();
  const outcome = outcomeOf(exchange, now);
  const settled = settle(delivery, outcome, delivery.trigger === "test" ? neverRetry : policy, now);
  const { durationMs } = exchange;
  return {
    outcome,
    settled,
    operationalEvents: operationalEventsOf(delivery, settled, newId),
    attempt: newAttempt(delivery, { id: newId<"attempt">(), url, outcome, settled, startedAt, durationMs }),
  };
}

function send(
  { sender, mailer }: Pick<SendParts, "sender" | "mailer">,
  request: OutgoingRequest,
  owner: string,
): Promise<Exchange> {
  if (request.kind === "mail") return mailer.send(request.mail);
  const { url, headers, body } = request;
  return sender.send({ url, method: "POST", headers, body, owner });
}
