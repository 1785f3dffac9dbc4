import type { Attempt } from "../../domain/attempt.ts";
import type { SettledDelivery } from "../../domain/delivery.ts";
import type { AttemptId, MessageId, NodeId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { AttemptOperationalEvents } from "../../domain/operational-event.ts";
import type { Page, PageOf } from "../page.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";

/** Looking at the attempts that were made, and at how far deliveries are. */
export interface AttemptStore {
  /**
   * Records attempts and the states that they led to. One answer for each: false when the node no longer held the
   * delivery, or the attempt is not its next one; then nothing of it is recorded. Keeps health up to date, and disables a
   * subscription that is gone or has failed for too long. The operators are told in the same commit.
   */
  recordAttempts(params: { nodeId: NodeId; records: readonly AttemptRecord[]; now: number }): Promise<boolean[]>;
  /**
   * Attempts, and among them the deliveries that have not been attempted yet, each at the time of its message; newest
   * first. Of a message alone there is a first page, and no further one. What the filters leave out costs no more than
   * `limits.examinedForPageMax` rows of a kind for a page.
   */
  listAttemptItems(params: ListAttemptItems): Promise<Page<AttemptListItem, string>>;
  readAttempt(params: AttemptKey): Promise<ListedAttempt | null>;
  /** The attempt with this id, of whatever message. */
  findAttempt(params: Omit<AttemptKey, "messageId">): Promise<RecordedAttempt | null>;
  /** Replaces the answer that an attempt got by a word that says so. False when there is no such attempt. */
  expungeResponse(params: AttemptKey): Promise<boolean>;
  /**
   * Attempts of a message or a subscription, newest first unless asked for the oldest. What the filters leave out costs no
   * more than `limits.examinedForPageMax` of them for a page.
   */
  listAttempts(params: ListAttempts): Promise<Page<ListedAttempt, AttemptId>>;
  /** Counts a subscription's attempts after one id and up to another, oldest first, and no further than `limit` of them. */
  countAttempts(params: CountAttempts): Promise<CountedAttempts>;
}

/** An attempt, and whether its delivery waits for another one after it. */
export interface ListedAttempt extends Attempt {
  readonly willRetry: boolean;
}

export type RecordedAttempt = Extract<AttemptListItem, { kind: "made" }>;

export interface AttemptKey {
  readonly organizationId: OrganizationId;
  readonly messageId: MessageId;
  readonly attemptId: AttemptId;
}

export interface ListAttempts extends PageOf<AttemptId> {
  readonly organizationId: OrganizationId;
  /** One of the two is given, or both. */
  readonly messageId: MessageId | null;
  readonly subscriptionId: SubscriptionId | null;
  /** `retrying`: it failed, and its delivery waits for another attempt after it; `failed`: it failed otherwise. */
  readonly outcome: "succeeded" | "failed" | "retrying" | null;
  /** Of the answer's status: this hundred. 0 for no answer. */
  readonly statusClass: number | null;
  /** Of the message: exact names; null for all. */
  readonly eventTypes: readonly string[] | null;
  readonly channel: string | null;
  readonly tag: string | null;
  /** Made at or after (ms): that is when its end was known. */
  readonly since: number | null;
  /** Made before (ms). */
  readonly until: number | null;
  readonly oldestFirst: boolean;
}

/** Filters that leave nothing out, newest first. */
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

export interface CountAttempts extends SubscriptionKey {
  /** Outside. */
  readonly after: AttemptId;
  /** Inside. */
  readonly upTo: AttemptId;
  readonly limit: number;
}

export interface CountedAttempts {
  readonly made: number;
  /** Of those. */
  readonly failed: number;
  /** The newest of those. */
  readonly last: AttemptId | null;
}

/** An attempt that was made, or the first one of a delivery, still to come. */
export type AttemptListItem =
  | ({
      readonly kind: "made";
      /** Null when its message has been forgotten before it. */
      readonly eventType: string | null;
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
  /** Never null for a failure, which may be the one too many for its subscription. */
  readonly operationalEvents: AttemptOperationalEvents | null;
}

export interface ListAttemptItems extends PageOf<string> {
  readonly organizationId: OrganizationId;
  /** One of the two is given, or both. */
  readonly messageId: MessageId | null;
  readonly subscriptionId: SubscriptionId | null;
  readonly status: "success" | "failed" | "pending" | null;
  /** Of the message: exact names; null for all. */
  readonly eventTypes: readonly string[] | null;
  /** Ended at or after (ms); of one that waits, its message was accepted then. */
  readonly since: number | null;
  /** The same, before (ms). */
  readonly until: number | null;
}

/** Filters that leave nothing out. */
export const anyAttemptListItem = {
  status: null,
  eventTypes: null,
  since: null,
  until: null,
} satisfies Partial<ListAttemptItems>;
