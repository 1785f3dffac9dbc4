import type { Attempt, AttemptOutcome } from "../domain/attempt.ts";
import { outcomeOf } from "../domain/attempt-outcome.ts";
import type { Clock } from "../domain/clock.ts";
import { type ClaimedDelivery, retryAtOnce, type SettledDelivery, settle } from "../domain/delivery.ts";
import type { Exchange } from "../domain/exchange.ts";
import type { FinalOutcome } from "../domain/final-outcome.ts";
import type { NewId } from "../domain/id.ts";
import { newAttempt } from "../domain/new-attempt.ts";
import { type AttemptOperationalEvents, operationalEventsOf } from "../domain/operational-event.ts";
import { neverRetry } from "../domain/retry-policy.ts";
import type { HttpSender } from "../outbound/http-sender.ts";
import type { MailSender } from "../outbound/mail-sender.ts";
import type { Traces } from "../report/traces.ts";
import type { PreparedTarget } from "./prepared-targets.ts";
import type { ReceiverTokens, TokenOwner } from "./receiver-tokens.ts";
import type { OutgoingRequest } from "./targets/target-rules.ts";

export interface SendParts {
  readonly sender: Pick<HttpSender, "send">;
  /** For targets that are mail addresses. */
  readonly mailer: Pick<MailSender, "send">;
  /** For receivers that accept OAuth tokens. */
  readonly tokens: Pick<ReceiverTokens, "tokenFor" | "replaceRefused">;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly userAgent: string;
  readonly traces: Pick<Traces, "ofAttempt">;
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
  const traceContext = target.sendsTraceContext ? parts.traces.ofAttempt(delivery) : null;
  const request = target.write(delivery, { at: startedAt, userAgent: parts.userAgent, traceContext });
  if (target.tokenClient !== null && request.kind === "http") {
    const { owner, tokenClient: client } = target;
    const tokenOwner = { subscriptionId: delivery.subscriptionId, owner, client };
    return await sendWithToken(parts, delivery, { target, request, tokenOwner, startedAt });
  }
  if (request.kind === "unsent") return permanentlyUnsent(parts, delivery, target, request);
  const exchange = await send(parts, request, target.owner);
  return settled(parts, delivery, target, { exchange, startedAt });
}

/** The target cannot receive this message, and never will. */
function permanentlyUnsent(
  parts: SendParts,
  delivery: ClaimedDelivery,
  target: PreparedTarget,
  { reason, detail }: Extract<OutgoingRequest, { kind: "unsent" }>,
): FinishedAttempt {
  const exchange = { kind: "unanswered", reason, detail, durationMs: 0 } as const;
  const finalOutcome: FinalOutcome = () => "failed";
  return settled(parts, delivery, { ...target, finalOutcome }, { exchange, startedAt: parts.clock.now() });
}

interface RequestWithToken {
  readonly target: PreparedTarget;
  readonly request: Extract<OutgoingRequest, { kind: "http" }>;
  readonly tokenOwner: TokenOwner;
  readonly startedAt: number;
}

async function sendWithToken(
  parts: SendParts,
  delivery: ClaimedDelivery,
  { target, request, tokenOwner, startedAt }: RequestWithToken,
): Promise<FinishedAttempt> {
  const token = await parts.tokens.tokenFor(tokenOwner);
  if (!("value" in token)) {
    const exchange = { kind: "unanswered", ...token, durationMs: parts.clock.now() - startedAt } as const;
    return settled(parts, delivery, target, { exchange, startedAt });
  }
  const headers = [...request.headers, "authorization", `Bearer ${token.value}`];
  const exchange = await send(parts, { ...request, headers }, target.owner);
  const isRefused = exchange.kind === "answered" && exchange.status === 401;
  const isReplaced = isRefused && (await parts.tokens.replaceRefused(tokenOwner, token));
  return settled(parts, delivery, target, { exchange, startedAt, isReplaced });
}

/**
 * An attempt that failed inside Weft before a request was sent. It follows the retry schedule like any other, so that an error
 * that recurs on every attempt ends with the schedule.
 */
export function unsentAttempt(
  parts: SendParts,
  delivery: ClaimedDelivery,
  target: Pick<PreparedTarget, "url" | "policy" | "finalOutcome">,
): FinishedAttempt {
  const exchange = { kind: "unanswered", reason: "internal", detail: unsentDetail, durationMs: 0 } as const;
  return settled(parts, delivery, target, { exchange, startedAt: parts.clock.now() });
}

const unsentDetail =
  "Weft could not make this request because of an unexpected error. The server's log names the error.";

function settled(
  { clock, newId }: SendParts,
  delivery: ClaimedDelivery,
  { url, policy, finalOutcome }: Pick<PreparedTarget, "url" | "policy" | "finalOutcome">,
  { exchange, startedAt, isReplaced = false }: { exchange: Exchange; startedAt: number; isReplaced?: boolean },
): FinishedAttempt {
  const now = clock.now();
  const outcome = outcomeOf(exchange, now);
  const isTest = delivery.trigger === "test";
  const settled =
    isReplaced && !isTest
      ? retryAtOnce(delivery, now)
      : settle(delivery, outcome, isTest ? neverRetry : policy, now, finalOutcome);
  return {
    outcome,
    settled,
    operationalEvents: operationalEventsOf(delivery, settled, newId),
    attempt: newAttempt(delivery, { id: newId<"attempt">(), url, exchange, outcome, settled, startedAt }),
  };
}

function send(
  { sender, mailer }: Pick<SendParts, "sender" | "mailer">,
  request: Exclude<OutgoingRequest, { kind: "unsent" }>,
  owner: string,
): Promise<Exchange> {
  if (request.kind === "mail") return mailer.send(request.mail);
  const { url, headers, body, tls, timeoutMs } = request;
  return sender.send({
    ...{ url, method: "POST", headers, body, owner },
    ...(tls != null && { tls }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
}
