import type { Attempt } from "../../domain/attempt.ts";
import type { SettledDelivery } from "../../domain/delivery.ts";
import type { AttemptId, MessageId, NodeId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { AttemptOperationalEvents } from "../../domain/operational-event.ts";
import type { StatusClass } from "../../domain/status-class.ts";
import type { Page, PageOf } from "../page.ts";

/** Records attempts and lists them. */
export interface AttemptStore {
  /**
   * Records attempts with the delivery states that they led to. Returns one boolean for each: false if the node no
   * longer held the delivery or the attempt is not its next one; then nothing of that attempt is recorded. The same
   * commit updates the health of subscriptions (a failure of the outbound proxy does not count), disables a subscription
   * whose receiver is gone or has failed for too long, and stores operational events.
   */
  recordAttempts(params: { nodeId: NodeId; records: readonly AttemptRecord[]; now: number }): Promise<boolean[]>;
  /**
   * Lists attempts, and deliveries without an attempt at the time of their message; newest first. For a message alone
   * there is one page. Rows that the filters leave out cost at most `limits.examinedForPageMax` rows of each kind for a
   * page.
   */
  listAttemptItems(params: ListAttemptItems): Promise<Page<AttemptListItem, string>>;
  /** Returns an attempt of a message, or null. */
  readAttempt(params: AttemptKey): Promise<Attempt | null>;
  /** Returns the attempt with this id, of any message of the organization. */
  findAttempt(params: Omit<AttemptKey, "messageId">): Promise<RecordedAttempt | null>;
  /** Replaces the response body of an attempt with a note that it was removed, and deletes its response headers. False if there is no such attempt. */
  expungeResponse(params: AttemptKey): Promise<boolean>;
  /**
   * Lists attempts of a message or a subscription, newest first unless `oldestFirst` is set. Attempts that the filters
   * leave out cost at most `limits.examinedForPageMax` of them for a page.
   */
  listAttempts(params: ListAttempts): Promise<Page<Attempt, AttemptId>>;
}

export type RecordedAttempt = Extract<AttemptListItem, { kind: "made" }>;

export interface AttemptKey {
  readonly organizationId: OrganizationId;
  readonly messageId: MessageId;
  readonly attemptId: AttemptId;
}

export interface ListAttempts extends PageOf<AttemptId> {
  readonly organizationId: OrganizationId;
  /** At least one of `messageId` and `subscriptionId` is given. */
  readonly messageId: MessageId | null;
  readonly subscriptionId: SubscriptionId | null;
  readonly outcome: "succeeded" | "failed" | null;
  /** The first digit of the response status; 0 for attempts without a response. */
  readonly statusClass: number | null;
  /** Exact event types of the message; null for all. */
  readonly eventTypes: readonly string[] | null;
  readonly channel: string | null;
  readonly tag: string | null;
  /** Attempts that ended at this time or later (ms). */
  readonly since: number | null;
  /** Attempts that ended before this time (ms). */
  readonly until: number | null;
  readonly oldestFirst: boolean;
}

/** Filters that match every attempt, newest first. */
export const anyAttempt = {
  messageId: null,
  subscriptionId: null,
  outcome: null,
  statusClass: null,
  eventTypes: null,
  channel: null,
  tag: null,
  since: null,
  until: null,
  oldestFirst: false,
} satisfies Partial<ListAttempts>;

/** A finished attempt, or a delivery that waits for its first one. */
export type AttemptListItem =
  | ({
      readonly kind: "made";
      /** Null when its message has been forgotten before it. */
      readonly eventType: string | null;
      /** Null as well once another attempt followed, or the delivery ended. */
      readonly nextAttemptAt: number | null;
    } & Attempt)
  | {
      readonly kind: "pending";
      readonly messageId: MessageId;
      readonly subscriptionId: SubscriptionId;
      readonly url: string;
      readonly eventType: string;
      readonly createdAt: number;
      readonly nextAttemptAt: number;
      readonly trigger: Attempt["trigger"];
    };

export interface AttemptRecord {
  readonly attempt: Attempt;
  readonly settled: SettledDelivery;
  /** Never null for a failure, because any failure may be the one that disables the subscription. */
  readonly operationalEvents: AttemptOperationalEvents | null;
}

export interface ListAttemptItems extends PageOf<string> {
  readonly organizationId: OrganizationId;
  /** At least one of `messageId` and `subscriptionId` is given. */
  readonly messageId: MessageId | null;
  readonly subscriptionId: SubscriptionId | null;
  readonly status: "success" | "failed" | "pending" | null;
  /** The class of the attempt's response; null for all, and for deliveries without an attempt. */
  readonly statusClass: StatusClass | null;
  /** Exact event types of the message; null for all. */
  readonly eventTypes: readonly string[] | null;
  /**
   * Attempts that began at this time or later (ms). For a delivery without an attempt, the time of its message counts.
   */
  readonly since: number | null;
  /** Attempts that began before this time (ms); see `since`. */
  readonly until: number | null;
}

/** Filters that match every item. */
export const anyAttemptListItem = {
  status: null,
  statusClass: null,
  eventTypes: null,
  since: null,
  until: null,
} satisfies Partial<ListAttemptItems>;
