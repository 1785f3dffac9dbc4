import type { z } from "zod";
import { assertNever } from "../../../domain/assert-never.ts";
import type { AttemptOutcome } from "../../../domain/attempt.ts";
import { outcomeOf } from "../../../domain/attempt-outcome.ts";
import type { ClaimedDelivery } from "../../../domain/delivery.ts";
import { type SettledDelivery, settle } from "../../../domain/delivery.ts";
import { type NewId, parseUuid } from "../../../domain/id.ts";
import { type ReportedOutcome, reportedExchange } from "../../../domain/listener.ts";
import { newAttempt } from "../../../domain/new-attempt.ts";
import { operationalEventsOf } from "../../../domain/operational-event.ts";
import { neverRetry, retrySchedule } from "../../../domain/retry-policy.ts";
import type { Subscription } from "../../../domain/subscription.ts";
import { isoTime } from "../../../http/times.ts";
import type { Reporter } from "../../../report/reporter.ts";
import type { AttemptRecord } from "../../../store/attempts/interface.ts";
import type { Store } from "../../../store/store.ts";
import type { outcomesResponse, ToldOutcome } from "./listener-schemas.ts";
import { parseReceipt } from "./receipt.ts";

export interface OutcomeParts {
  readonly store: Store;
  readonly reporter: Reporter;
  readonly now: () => number;
  readonly newId: NewId;
  /** The retry schedule for listeners without their own (delays in ms), and its jitter. */
  readonly retry: { readonly delaysMs: readonly number[]; readonly random: () => number };
}

type ReportedResult = z.input<typeof outcomesResponse>[number];

/** Records the outcomes that a listener reports. A delivery that the receipt no longer holds is left unchanged. */
export async function recordOutcomes(
  parts: OutcomeParts,
  listener: Subscription,
  told: readonly ToldOutcome[],
): Promise<ReportedResult[]> {
  return await Promise.all(told.map((outcome) => recordOutcome(parts, listener, outcome)));
}

async function recordOutcome(parts: OutcomeParts, listener: Subscription, told: ToldOutcome): Promise<ReportedResult> {
  const { store, now } = parts;
  const { id: subscriptionId, organizationId } = listener;
  const lost: ReportedResult = { message_id: told.message_id, became: "lost", next_attempt_at: null };
  const receipt = parseReceipt(told.receipt);
  const messageId = parseUuid<"message">(told.message_id);
  if (receipt === null || messageId === null) return lost;
  const { nodeId } = receipt;
  const delivery = await store.readHeld({ organizationId, subscriptionId, messageId, nodeId });
  if (delivery === null || delivery.attempts + 1 !== receipt.attempt) return lost;
  const { outcome, ...record } = recordOf(parts, listener, delivery, told);
  const { attempt, settled } = record;
  const [isHeld] = await store.recordAttempts({ nodeId, records: [record], now: now() });
  if (isHeld !== true) return lost;
  parts.reporter.attemptFinished({
    messageId,
    subscriptionId,
    attempt: attempt.attemptNumber,
    outcome,
    became: settled.state,
    tookMs: attempt.durationMs,
  });
  return { message_id: told.message_id, ...becameOf(settled) };
}

function recordOf(
  { now, newId, retry }: OutcomeParts,
  listener: Subscription,
  delivery: ClaimedDelivery,
  told: ToldOutcome,
): AttemptRecord & { readonly outcome: AttemptOutcome } {
  const at = now();
  const outcome = outcomeOf(reportedExchange(inWords(told), told.duration_ms), at);
  const schedule = retrySchedule(listener.retryDelaysMs ?? retry.delaysMs, retry.random);
  const settled = settle(delivery, outcome, delivery.trigger === "test" ? neverRetry : schedule, at);
  const attempt = newAttempt(delivery, {
    id: newId<"attempt">(),
    url: listener.target.url,
    outcome,
    settled,
    startedAt: at - told.duration_ms,
    durationMs: told.duration_ms,
  });
  return { outcome, attempt, settled, operationalEvents: operationalEventsOf(delivery, settled, newId) };
}

function inWords(told: ToldOutcome): ReportedOutcome {
  if ("error" in told) return { reason: told.error, detail: told.detail };
  const { status, body, retry_after: retryAfter = null, truncated = null } = told;
  return { status, body, retryAfter, truncated };
}

function becameOf(settled: SettledDelivery): Pick<ReportedResult, "became" | "next_attempt_at"> {
  switch (settled.state) {
    case "delivered":
    case "failed":
      return { became: settled.state, next_attempt_at: null };
    case "due":
      return { became: "retrying", next_attempt_at: isoTime(settled.dueAt) };
    default:
      return assertNever(settled);
  }
}
