import { assertNever } from "./assert-never.ts";
import type { AttemptFilter } from "./attempt-filter.ts";
import type { DeliveryState } from "./delivery.ts";
import { matchesPattern } from "./event-pattern.ts";
import type { FiltersText } from "./filters.ts";
import { firstIdAt, type MessageId, type OrganizationId, type RecoveryId, type SubscriptionId } from "./id.ts";
import { limits } from "./limits.ts";

/**
 * A task that re-queues deliveries of one subscription, for messages in [since, until). It fails only when the subscription is
 * deleted before the end.
 */
export interface Recovery {
  readonly id: RecoveryId;
  readonly organizationId: OrganizationId;
  readonly subscriptionId: SubscriptionId;
  readonly status: RecoveryStatus;
  readonly scope: RecoveryScope;
  readonly since: number;
  readonly until: number;
  /** The number of deliveries to recover; null until it is counted. */
  readonly total: number | null;
  /** The count so far. */
  readonly counted: number;
  /** The deliveries re-queued so far. */
  readonly recovered: number;
  /** The last message examined, first to count and then to recover. The next step continues there, also after a restart. */
  readonly cursor: MessageId;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The outcomes of the deliveries that a recovery re-queued. */
export interface RecoveryOutcomes {
  readonly delivered: number;
  /** They failed permanently, after the whole schedule. */
  readonly failed: number;
  readonly waiting: number;
  /** They were skipped or cancelled afterwards. */
  readonly setAside: number;
  /** False when there are more than were counted. */
  readonly isExact: boolean;
}

export const recoveryStatuses = ["running", "paused", "completed", "failed", "cancelled"] as const;
export type RecoveryStatus = (typeof recoveryStatuses)[number];

/** The statuses from which a user's request can lead to this one. */
export const switchedFrom = {
  paused: ["running"],
  running: ["paused"],
  cancelled: ["running", "paused"],
} as const satisfies Partial<Record<RecoveryStatus, readonly RecoveryStatus[]>>;

/** The deliveries of the window that a recovery selects. */
export type RecoveryScope =
  /** Deliveries that failed, were skipped, or were never created. */
  | { readonly kind: "undelivered" }
  /** Messages for which no request was ever made: deliveries that were skipped before their first attempt, or never created. */
  | { readonly kind: "never_sent" }
  /** Everything that the filter matches, delivered messages included, except deliveries that are being sent at the moment. */
  | { readonly kind: "replay"; readonly filter: ReplayFilter };

/** The default selection of a recovery. */
export const undelivered: RecoveryScope = { kind: "undelivered" };

/** Every message that the subscription matches or received, delivered ones included. */
export const everythingAgain: Extract<RecoveryScope, { kind: "replay" }> = {
  kind: "replay",
  filter: {
    eventTypes: null,
    channel: null,
    tag: null,
    state: null,
    statusClass: null,
    standings: null,
    messageIds: null,
    payload: null,
    attempted: null,
  },
};

/** Null means that the property is not filtered. */
export interface ReplayFilter {
  /** Exact names and wildcards. */
  readonly eventTypes: readonly string[] | null;
  /** Published to this channel. */
  readonly channel: string | null;
  readonly tag: string | null;
  /** The status of the delivery. */
  readonly state: DeliveryState | null;
  /** The hundreds class of the last response's status, such as 500; 0 where no response arrived. */
  readonly statusClass: number | null;
  /** The outcome at the subscription is one of these. */
  readonly standings: readonly Standing[] | null;
  readonly messageIds: readonly MessageId[] | null;
  /** Payload fields and accepted values, as in the filters of subscriptions. */
  readonly payload: FiltersText | null;
  /** There is such an attempt to the subscription. */
  readonly attempted: AttemptFilter | null;
}

/** The event types whose deliveries a recovery re-queues: exact names and wildcards; null for all. */
export function recoveredTypes({ scope }: Pick<Recovery, "scope">): readonly string[] | null {
  return scope.kind === "replay" ? scope.filter.eventTypes : null;
}

export function recoversOneOf(recovery: Pick<Recovery, "scope">, eventTypes: readonly string[]): boolean {
  const patterns = recoveredTypes(recovery);
  return patterns === null || eventTypes.some((type) => patterns.some((pattern) => matchesPattern(pattern, type)));
}

/** `missing`: no delivery was created, although the subscription matches the message. */
export const standings = ["failed", "skipped", "missing", "delivered"] as const;
export type Standing = (typeof standings)[number];

/** Messages accepted in [since, until) (Unix ms). */
export interface RecoveryWindow {
  readonly since: number;
  readonly until: number;
}

/**
 * Why a recovery of a window is not allowed; null when it is. A window that ends before it begins is empty, which is no
 * mistake.
 */
export function windowMistake(
  { since, until }: RecoveryWindow,
  { now, windowMsMax }: { readonly now: number; readonly windowMsMax: number },
): { readonly type: "in_future" | "window_too_long"; readonly msg: string } | null {
  if (since > now) return { type: "in_future", msg: "This is in the future: there are no messages to recover." };
  if (until - since <= windowMsMax + limits.recoveryWindowSlackMs) return null;
  const days = Math.round((windowMsMax / dayMs) * 10) / 10;
  return { type: "window_too_long", msg: `Cannot recover more than ${days} days of messages` };
}

const dayMs = 24 * 3_600_000;

/** A note for the owner of a recovery; null in the usual case. */
export function recoveryWarning({ since, until, status }: Recovery, isDisabled: boolean): string | null {
  if (until <= since) return "The window ends before it begins, so it has no messages.";
  if (status === "running" && isDisabled)
    return "The subscription is disabled. The recovery continues once it is enabled.";
  return null;
}

export interface CandidateDelivery {
  readonly state: DeliveryState;
  readonly attempts: number;
  /** When a recovery last re-queued the delivery (Unix ms); null when none did. */
  readonly recoveredAt: number | null;
  /** Whether a recovery re-queued the delivery and no attempt has been made since. */
  readonly isQueued: boolean;
}

/** A message in a recovery's window, with its state at the subscription. */
export interface RecoveryCandidate {
  readonly messageId: MessageId;
  readonly subscriptionId: SubscriptionId;
  /** Null when no delivery was ever created. */
  readonly delivery: CandidateDelivery | null;
  readonly eventType: string;
  readonly channels: readonly string[] | null;
  readonly tags: readonly string[] | null;
  /** The status of the last response, 0 where none arrived; null when nothing was sent. */
  readonly lastStatus: number | null;
}

/** The states in which a delivery can be re-queued. A claimed delivery is being sent anyway. */
export function selectedStates(scope: RecoveryScope): readonly DeliveryState[] {
  switch (scope.kind) {
    case "undelivered":
      return ["failed", "skipped"];
    case "never_sent":
      return ["skipped"];
    case "replay":
      return replayedStates.filter((state) => scope.filter.state === null || state === scope.filter.state);
    default:
      return assertNever(scope);
  }
}

const replayedStates: readonly DeliveryState[] = ["due", "delivered", "failed", "skipped", "cancelled"];

/**
 * Whether a recovery selects a message, for the preview and for the task. A message without a delivery is selected only if the
 * subscription matches it and existed before it; ids sort by time. A delivery is not selected if another recovery re-queued it
 * after this one was requested, or still has it queued.
 */
export function takes(
  { scope, createdAt }: Pick<Recovery, "scope" | "createdAt">,
  candidate: RecoveryCandidate,
): boolean {
  const { delivery, messageId, subscriptionId } = candidate;
  if (delivery === null && (messageId as string) < subscriptionId) return false;
  if (delivery !== null && !selectedStates(scope).includes(delivery.state)) return false;
  if (delivery !== null && (delivery.isQueued || (delivery.recoveredAt ?? -1) >= createdAt)) return false;
  switch (scope.kind) {
    case "undelivered":
      return true;
    case "never_sent":
      return delivery === null || delivery.attempts === 0;
    case "replay":
      return matchesFilter(scope.filter, candidate);
    default:
      return assertNever(scope);
  }
}

/**
 * Whether a running recovery is known to reach and select a message, so that a preview need not count it. A recovery that filters
 * by payloads or attempts is not known to.
 */
export function isAhead(recovery: Recovery, candidate: RecoveryCandidate): boolean {
  const { scope, since, until, total, cursor } = recovery;
  const { messageId } = candidate;
  if (scope.kind === "replay" && (scope.filter.payload !== null || scope.filter.attempted !== null)) return false;
  const last = total === null ? firstIdAt<"message">(since) : cursor;
  return messageId > last && messageId < firstIdAt<"message">(until) && takes(recovery, candidate);
}

/** The filters by payload and by attempts are evaluated by callers that have the data. */
function matchesFilter(filter: Omit<ReplayFilter, "payload" | "attempted">, candidate: RecoveryCandidate): boolean {
  const { eventTypes, channel, tag, state, statusClass, standings: states, messageIds } = filter;
  const { delivery, eventType, channels, tags, lastStatus, messageId } = candidate;
  return (
    (eventTypes === null || eventTypes.some((pattern) => matchesPattern(pattern, eventType))) &&
    (states === null || (states as readonly string[]).includes(delivery?.state ?? "missing")) &&
    (messageIds === null || messageIds.includes(messageId)) &&
    (channel === null || (channels?.includes(channel) ?? false)) &&
    (tag === null || (tags?.includes(tag) ?? false)) &&
    (state === null || delivery !== null) &&
    (statusClass === null || (lastStatus !== null && Math.floor(lastStatus / 100) * 100 === statusClass))
  );
}
