// The state of a message at one subscription with its reason, for users who want to know why an event did not arrive.

import { assertNever } from "./assert-never.ts";
import type { DeliveryState } from "./delivery.ts";
import { type DisabledReason, disabledSentence } from "./subscription.ts";
import { type ThrottleState, throttleStateNames } from "./throttle-state.ts";

/** `missing`: the subscription's current settings match, but no delivery was created. */
export const deliveryOutcomes = [
  "delivered",
  "failed",
  "waiting",
  "skipped",
  "cancelled",
  "not_matched",
  "missing",
] as const;
export type DeliveryOutcome = (typeof deliveryOutcomes)[number];

export const outcomeReasons = [
  "attempts_used_up",
  "sending",
  "retry",
  "scheduled",
  "in_order",
  "queued",
  "fan_out",
  ...throttleStateNames,
  "disabled",
  "subscription_deleted",
  "payload_deleted",
  "event_type",
  "channel",
  "filter",
  "test",
  "never_made",
] as const;
export type OutcomeReason = (typeof outcomeReasons)[number];

/** One message at one subscription, as it is stored. Times are Unix milliseconds. */
export interface StoredOutcome {
  readonly delivery: {
    readonly state: DeliveryState;
    readonly attempts: number;
    readonly nextAttemptAt: number | null;
  } | null;
  readonly disabledReason: DisabledReason | null;
  readonly disabledAt: number | null;
  readonly throttleState: ThrottleState | null;
  readonly ordered: boolean;
  readonly deletedAt: number | null;
  readonly payloadDeletedAt: number | null;
  readonly waitsForFanOut: boolean;
  readonly mismatch: { readonly kind: "event_type" | "channel" | "filter" | "test" | "payload_deleted" } | null;
}

export interface ExplainedOutcome {
  readonly outcome: DeliveryOutcome;
  /** Null when the message was delivered. */
  readonly reason: OutcomeReason | null;
  /** A sentence or two: what happened, what Weft does next, and what a person can do. */
  readonly detail: string;
  /** When the reason began; null where that is unknown or meaningless. */
  readonly since: number | null;
}

export const deliveredSentence = "The receiver accepted the message.";

export function explainOutcome(stored: StoredOutcome, now: number): ExplainedOutcome {
  const { delivery } = stored;
  if (delivery === null) return explainUnmade(stored);
  switch (delivery.state) {
    case "delivered":
      return { outcome: "delivered", reason: null, detail: deliveredSentence, since: null };
    case "failed": {
      const attempts = delivery.attempts === 1 ? "The only attempt" : `The last of ${delivery.attempts} attempts`;
      const detail = `${attempts} failed. A recovery or a resend sends the message again.`;
      return { outcome: "failed", reason: "attempts_used_up", detail, since: null };
    }
    case "claimed":
      return waiting("sending", "A node is sending it or has it in memory.");
    case "due":
      if (stored.deletedAt !== null) return explainCancelled(stored);
      return stored.disabledReason === null ? explainDue(stored, delivery, now) : explainSkipped(stored);
    case "skipped":
      return explainSkipped(stored);
    case "cancelled":
      return explainCancelled(stored);
    default:
      return assertNever(delivery.state);
  }
}

function explainDue(
  { throttleState, ordered }: StoredOutcome,
  { attempts, nextAttemptAt }: { readonly attempts: number; readonly nextAttemptAt: number | null },
  now: number,
): ExplainedOutcome {
  if (nextAttemptAt !== null && nextAttemptAt > now) {
    return attempts > 0
      ? waiting("retry", `Attempt ${attempts} failed. The retry schedule decides when the next one starts.`)
      : waiting("scheduled", "Its first attempt is scheduled for later.");
  }
  if (throttleState !== null) return waiting(throttleState.state, throttleState.reason, throttleState.since);
  return ordered
    ? waiting("in_order", "The subscription gets one delivery at a time, and earlier ones come first.")
    : waiting("queued", "It is due and waits for a node to claim it.");
}

function explainSkipped({ disabledReason, disabledAt }: StoredOutcome): ExplainedOutcome {
  const detail =
    disabledReason === null
      ? "The subscription was disabled when the message was accepted. It is enabled now, so a recovery or a resend sends the message."
      : `The subscription is disabled. ${disabledSentence(disabledReason)} Enable it, then recover the missed messages.`;
  return { outcome: "skipped", reason: "disabled", detail, since: disabledAt };
}

function explainCancelled({ deletedAt, payloadDeletedAt }: StoredOutcome): ExplainedOutcome {
  return deletedAt === null
    ? {
        outcome: "cancelled",
        reason: "payload_deleted",
        detail: "The payload was deleted before the message was delivered.",
        since: payloadDeletedAt,
      }
    : {
        outcome: "cancelled",
        reason: "subscription_deleted",
        detail: "The subscription was deleted.",
        since: deletedAt,
      };
}

/** Why a message does not go to a subscription. */
export const mismatchSentences = {
  event_type: "The subscription names no event type that matches this one.",
  channel: "The message was published to none of the subscription's channels.",
  filter: "The payload does not match the subscription's filters.",
  payload_deleted: "The payload was deleted, so filters cannot be evaluated any more.",
  test: "The message is a test event for another subscription.",
} as const;

function explainUnmade({ waitsForFanOut, mismatch, payloadDeletedAt }: StoredOutcome): ExplainedOutcome {
  if (waitsForFanOut) {
    return waiting("fan_out", "The message has not been matched with this subscription yet. Its fan-out continues.");
  }
  if (mismatch === null) {
    const detail =
      "The subscription matches now, but did not when the message was accepted, or its delivery was removed since. A recovery or a resend sends the message.";
    return { outcome: "missing", reason: "never_made", detail, since: null };
  }
  const since = mismatch.kind === "payload_deleted" ? payloadDeletedAt : null;
  return { outcome: "not_matched", reason: mismatch.kind, detail: mismatchSentences[mismatch.kind], since };
}

function waiting(reason: OutcomeReason, detail: string, since: number | null = null): ExplainedOutcome {
  return { outcome: "waiting", reason, detail, since };
}
