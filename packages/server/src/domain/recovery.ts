import { assertNever } from "./assert-never.ts";
import type { DeliveryState } from "./delivery.ts";
import { matchesPattern } from "./event-pattern.ts";
import type { FiltersText } from "./filters.ts";
import { firstIdAt, type MessageId, type OrganizationId, type RecoveryId, type SubscriptionId } from "./id.ts";
import { limits } from "./limits.ts";

/**
 * A task that makes deliveries of one subscription due again, for messages in [since, until). It fails only when its
 * subscription is deleted under way.
 */
export interface Recovery {
  readonly id: RecoveryId;
  readonly organizationId: OrganizationId;
  readonly subscriptionId: SubscriptionId;
  readonly status: RecoveryStatus;
  readonly scope: RecoveryScope;
  readonly since: number;
  readonly until: number;
  /** Deliveries that there were to recover; null until they are counted. */
  readonly total: number | null;
  /** Counted so far. */
  readonly counted: number;
  /** Deliveries made due again so far. */
  readonly recovered: number;
  /** The last message looked at, to count and then to recover; where the next step goes on, also after a restart. */
  readonly cursor: MessageId;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What has become of the deliveries that a recovery made due again. */
export interface RecoveryOutcomes {
  readonly delivered: number;
  /** For good, after the whole schedule. */
  readonly failed: number;
  readonly waiting: number;
  /** Skipped or cancelled since. */
  readonly setAside: number;
  /** False when there are more than were counted. */
  readonly isExact: boolean;
}

export const recoveryStatuses = ["running", "paused", "completed", "failed", "cancelled"] as const;
export type RecoveryStatus = (typeof recoveryStatuses)[number];

/** The statuses that may become this one by hand. */
export const switchedFrom = {
  paused: ["running"],
  running: ["paused"],
  cancelled: ["running", "paused"],
} as const satisfies Partial<Record<RecoveryStatus, readonly RecoveryStatus[]>>;

/** What a recovery takes of the messages in its window. */
export type RecoveryScope =
  /** What failed, was skipped or was never made. */
  | { readonly kind: "undelivered" }
  /** That of which no request was ever made: what was skipped before its first attempt, or never made. */
  | { readonly kind: "never_sent" }
  /** Whatever the filter lets through, also what arrived; not what is being sent this moment. */
  | { readonly kind: "replay"; readonly filter: ReplayFilter };

/** What a recovery takes unless somebody asks for something else. */
export const undelivered: RecoveryScope = { kind: "undelivered" };

/** Everything that the subscription wanted or got, also what arrived. */
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
  },
};

/** Of each thing null for any. */
export interface ReplayFilter {
  /** Exact names and wildcards. */
  readonly eventTypes: readonly string[] | null;
  /** Published to this channel. */
  readonly channel: string | null;
  readonly tag: string | null;
  /** How the delivery stands. */
  readonly state: DeliveryState | null;
  /** The hundred of the last answer's status, such as 500; 0 where no answer came. */
  readonly statusClass: number | null;
  /** How the message stands with the subscription: one of these. */
  readonly standings: readonly Standing[] | null;
  readonly messageIds: readonly MessageId[] | null;
  /** Payload fields and the values wanted, as in the filters of subscriptions. */
  readonly payload: FiltersText | null;
}

/** `missing`: no delivery was made, although the subscription wants the message. */
export const standings = ["failed", "skipped", "missing", "delivered"] as const;
export type Standing = (typeof standings)[number];

/** Messages accepted in [since, until) (Unix ms). */
export interface RecoveryWindow {
  readonly since: number;
  readonly until: number;
}

/** Why no recovery of a window may begin; null when one may. A window that ends before it begins is empty, and no mistake. */
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

/** What the owner of a recovery should know of it; null when all is as usual. */
export function recoveryWarning({ since, until, status }: Recovery, isDisabled: boolean): string | null {
  if (until <= since) return "The window ends before it begins, so that it has no messages.";
  if (status === "running" && isDisabled)
    return "The subscription is disabled. The recovery continues once it is enabled.";
  return null;
}

export interface CandidateDelivery {
  readonly state: DeliveryState;
  readonly attempts: number;
  /** When a recovery last made it due again (Unix ms); null when none did. */
  readonly recoveredAt: number | null;
  /** Whether a recovery made it due, and no attempt has been made since. */
  readonly isQueued: boolean;
}

/** A message in a recovery's window, and how it stands with the subscription. */
export interface RecoveryCandidate {
  readonly messageId: MessageId;
  readonly subscriptionId: SubscriptionId;
  /** Null: no delivery was ever made. */
  readonly delivery: CandidateDelivery | null;
  readonly eventType: string;
  readonly channels: readonly string[] | null;
  readonly tags: readonly string[] | null;
  /** The status of the last answer, 0 where none came; null when nothing was sent. */
  readonly lastStatus: number | null;
}

/** The states that a delivery may be in to be made due again. What a node holds is sent anyway. */
export function statesTaken(scope: RecoveryScope): readonly DeliveryState[] {
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
 * Whether a recovery takes a message, for the preview and for the task. One without a delivery is taken only if the subscription
 * also wants it, and never if it came before the subscription existed; ids sort by time. A delivery that another recovery made
 * due after this one was asked for, or that is still queued by one, is not taken again.
 */
export function takes(
  { scope, createdAt }: Pick<Recovery, "scope" | "createdAt">,
  candidate: RecoveryCandidate,
): boolean {
  const { delivery, messageId, subscriptionId } = candidate;
  if (delivery === null && (messageId as string) < subscriptionId) return false;
  if (delivery !== null && !statesTaken(scope).includes(delivery.state)) return false;
  if (delivery !== null && (delivery.isQueued || (delivery.recoveredAt ?? -1) >= createdAt)) return false;
  switch (scope.kind) {
    case "undelivered":
      return true;
    case "never_sent":
      return delivery === null || delivery.attempts === 0;
    case "replay":
      return passes(scope.filter, candidate);
    default:
      return assertNever(scope);
  }
}

/** Whether a recovery that runs will come to a message and take it, so that a preview need not count it. */
export function isAhead(recovery: Recovery, candidate: RecoveryCandidate): boolean {
  const { since, until, total, cursor } = recovery;
  const { messageId } = candidate;
  const last = total === null ? firstIdAt<"message">(since) : cursor;
  return messageId > last && messageId < firstIdAt<"message">(until) && takes(recovery, candidate);
}

/** The filter on payloads is left to those who have the payload. */
function passes(filter: Omit<ReplayFilter, "payload">, candidate: RecoveryCandidate): boolean {
  const { eventTypes, channel, tag, state, statusClass, standings: wanted, messageIds } = filter;
  const { delivery, eventType, channels, tags, lastStatus, messageId } = candidate;
  return (
    (eventTypes === null || eventTypes.some((pattern) => matchesPattern(pattern, eventType))) &&
    (wanted === null || (wanted as readonly string[]).includes(delivery?.state ?? "missing")) &&
    (messageIds === null || messageIds.includes(messageId)) &&
    (channel === null || (channels?.includes(channel) ?? false)) &&
    (tag === null || (tags?.includes(tag) ?? false)) &&
    (state === null || delivery !== null) &&
    (statusClass === null || (lastStatus !== null && Math.floor(lastStatus / 100) * 100 === statusClass))
  );
}
