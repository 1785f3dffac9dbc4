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
import type { OutcomeReport, outcomesResponse } from "./listener-schemas.ts";
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
  reports: readonly OutcomeReport[],
): Promise<ReportedResult[]> {
  return await Promise.all(reports.map((outcome) => recordOutcome(parts, listener, outcome)));
}

async function recordOutcome(
  parts: OutcomeParts,
  listener: Subscription,
  reports: OutcomeReport,
): Promise<ReportedResult> {
  const { store, now } = parts;
  const { id: subscriptionId, organizationId } = listener;
  const lost: ReportedResult = { message_id: reports.message_id, became: "lost", next_attempt_at: null };
  const receipt = parseReceipt(reports.receipt);
  const messageId = parseUuid<"message">(reports.message_id);
  if (receipt === null || messageId === null) return lost;
  const { nodeId } = receipt;
  const delivery = await store.readClaimed({ organizationId, subscriptionId, messageId, nodeId });
  if (delivery === null || delivery.attempts + 1 !== receipt.attempt) return lost;
  const { outcome, ...record } = recordOf(parts, listener, delivery, reports);
  const { attempt, settled } = record;
  const [isRecorded] = await store.recordAttempts({ nodeId, records: [record], now: now() });
  if (isRecorded !== true) return lost;
  parts.reporter.attemptFinished({ delivery, attempt, outcome, became: settled.state });
  parts.reporter.attemptsRecorded({ records: [record], at: now() });
  return { message_id: reports.message_id, ...becameOf(settled) };
}

function recordOf(
  { now, newId, retry }: OutcomeParts,
  listener: Subscription,
  delivery: ClaimedDelivery,
  reports: OutcomeReport,
): AttemptRecord & { readonly outcome: AttemptOutcome } {
  const at = now();
  const exchange = reportedExchange(inWords(reports), reports.duration_ms);
  const outcome = outcomeOf(exchange, at);
  const schedule = retrySchedule(listener.retryDelaysMs ?? retry.delaysMs, retry.random);
  const settled = settle(delivery, outcome, delivery.trigger === "test" ? neverRetry : schedule, at);
  const attempt = newAttempt(delivery, {
    id: newId<"attempt">(),
    url: listener.target.url,
    exchange,
    outcome,
    settled,
    startedAt: at - reports.duration_ms,
  });
  return { outcome, attempt, settled, operationalEvents: operationalEventsOf(delivery, settled, newId) };
}

function inWords(reports: OutcomeReport): ReportedOutcome {
  if ("error" in reports) return { reason: reports.error, detail: reports.detail };
  const { status, headers, body, retry_after: retryAfter = null, truncated = null } = reports;
  return { status, headers, body, retryAfter, truncated };
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
