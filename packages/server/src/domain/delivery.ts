// A delivery is one message on its way to one subscription.
//
//   due ──claim──▶ claimed ──settle──▶ delivered | failed | due (again, later)
//    ▲                │
//    └───rescue───────┘   the node that claimed it died
//
// A delivery to a disabled subscription is stored as skipped; one whose subscription or payload was deleted is cancelled.
// Resend and recovery re-queue delivered, failed and skipped deliveries, which then go through the whole schedule.

import { assertNever } from "./assert-never.ts";
import type { AttemptOutcome, Trigger } from "./attempt.ts";
import { type FinalOutcome, webhookOutcomes } from "./final-outcome.ts";
import type { MessageId, OrganizationId, SubscriptionId } from "./id.ts";
import type { Message } from "./message.ts";
import type { RetryPolicy } from "./retry-policy.ts";

export const deliveryStates = ["due", "claimed", "delivered", "failed", "skipped", "cancelled"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/**
 * The progress of a delivery: waiting for its first attempt, waiting for a retry, ended, or skipped. A skipped delivery is not
 * sent unless a user requests it.
 */
export type DeliveryProgress = "pending" | "retrying" | "delivered" | "failed" | "set_aside";

export function progressOf({ state, attempts }: { state: DeliveryState; attempts: number }): DeliveryProgress {
  switch (state) {
    case "due":
    case "claimed":
      return attempts === 0 ? "pending" : "retrying";
    case "delivered":
    case "failed":
      return state;
    case "skipped":
    case "cancelled":
      return "set_aside";
    default:
      return assertNever(state);
  }
}

/** A delivery that one node has claimed, with everything that is needed to send it. */
export interface ClaimedDelivery {
  readonly messageId: MessageId;
  readonly subscriptionId: SubscriptionId;
  readonly organizationId: OrganizationId;
  readonly eventType: string;
  readonly payload: string;
  /** The payload's media type; null for JSON. */
  readonly contentType: string | null;
  readonly trigger: Trigger;
  /** Attempts made so far, in all rounds. */
  readonly attempts: number;
  /** The number of retries of the schedule that this round has used. */
  readonly scheduleStep: number;
  /** Whether its subscription sends one delivery at a time. */
  readonly ordered: boolean;
  /** Since when this attempt could be made (Unix ms). */
  readonly dueAt: number;
  /** The trace context of its message; null without one. */
  readonly traceContext: string | null;
}

/** A delivery that a node claims when it is created. Deliveries of ordered subscriptions are never created like this. */
export function firstClaim(
  { id, organizationId, eventType, payload, contentType, createdAt, deliverAt, traceContext }: Message,
  subscriptionId: SubscriptionId,
  trigger: Trigger,
): ClaimedDelivery {
  return {
    messageId: id,
    subscriptionId,
    organizationId,
    eventType,
    payload,
    contentType,
    trigger,
    attempts: 0,
    scheduleStep: 0,
    ordered: false,
    dueAt: deliverAt ?? createdAt,
    traceContext,
  };
}

/** The next state of a claimed delivery. Only for `gone` does the store do more than record it. */
export type SettledDelivery =
  | { readonly state: "delivered" }
  | { readonly state: "due"; readonly dueAt: number; readonly scheduleStep: number }
  | { readonly state: "failed"; readonly gone: boolean };

/**
 * Decides the next state of a delivery after an outcome. `gone` means that the receiver asks for no further requests.
 */
export function settle(
  delivery: ClaimedDelivery,
  outcome: AttemptOutcome,
  policy: RetryPolicy,
  now: number,
  finalOutcome: FinalOutcome = webhookOutcomes,
): SettledDelivery {
  const final = finalOutcome(outcome);
  if (final !== null) return { state: "failed", gone: final === "gone" };
  switch (outcome.kind) {
    case "accepted":
      return { state: "delivered" };
    case "rejected":
      return retryOrFail(delivery, outcome.retryAfterMs, policy, now);
    case "unreachable":
      // Weft itself aborted the request. This says nothing about the receiver and uses no retry of the schedule.
      if (outcome.reason === "aborted" && delivery.trigger !== "test") {
        return retryAtOnce(delivery, now);
      }
      return retryOrFail(delivery, null, policy, now);
    default:
      return assertNever(outcome);
  }
}

/** For an outcome whose cause was removed, such as an outdated access token. It uses no retry of the schedule. */
export function retryAtOnce({ scheduleStep }: ClaimedDelivery, now: number): SettledDelivery {
  return { state: "due", dueAt: now, scheduleStep };
}

function retryOrFail(
  delivery: ClaimedDelivery,
  retryAfterMs: number | null,
  policy: RetryPolicy,
  now: number,
): SettledDelivery {
  const delayMs = policy({ step: delivery.scheduleStep, retryAfterMs });
  if (delayMs === null) return { state: "failed", gone: false };
  return { state: "due", dueAt: now + delayMs, scheduleStep: delivery.scheduleStep + 1 };
}
