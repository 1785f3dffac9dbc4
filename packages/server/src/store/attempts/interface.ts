import type { Attempt } from "../../domain/attempt.ts";
import type { DeliveryProgress, DeliveryState } from "../../domain/delivery.ts";
import type { AttemptId, MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { AttemptRow } from "../messages/interface.ts";
import type { Page, PageOf } from "../page.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";

/** Looking at the attempts that were made, and at how far deliveries are. */
export interface AttemptStore {
  readAttempt(params: AttemptKey): Promise<MadeAttempt | null>;
  /** The attempt with this id, of whatever message. */
  findAttempt(params: Omit<AttemptKey, "messageId">): Promise<MadeAttemptRow | null>;
  /** Replaces the answer that an attempt got by a word that says so. False when there is no such attempt. */
  expungeResponse(params: AttemptKey): Promise<boolean>;
  /**
   * Attempts of a message or a subscription, newest first unless asked for the oldest. What the filters leave out costs no
   * more than `limits.examinedForPageMax` of them for a page.
   */
  listMadeAttempts(params: ListMadeAttempts): Promise<Page<MadeAttempt, AttemptId>>;
  /**
   * Messages with a delivery to a subscription, and how far that is; newest first unless asked for the oldest. What the
   * filters leave out costs no more than `limits.examinedForPageMax` of them for a page.
   */
  listDeliveries(params: ListDeliveries): Promise<Page<SentMessage, MessageId>>;
  /** Subscriptions with a delivery of a message, deleted ones too, and how far that is; oldest first unless asked for the newest. */
  listReceivers(
    params: { organizationId: OrganizationId; messageId: MessageId; newestFirst: boolean } & PageOf<SubscriptionId>,
  ): Promise<MessageReceiver[]>;
  /**
   * Subscriptions that existed when a message was accepted, deleted ones too, and those with a delivery of it; newest first. Of
   * each without a delivery it says why, by the settings that it has now. A page may be short and not the last, where many
   * were deleted before.
   */
  listMessageSubscriptions(params: ListMessageSubscriptions): Promise<Page<MessageSubscription, SubscriptionId>>;
  /** How many deliveries of each of these messages are in which state; messages without any, and others' are left out. */
  countStates(params: { organizationId: OrganizationId; messageIds: readonly MessageId[] }): Promise<CountedStates[]>;
  /** Counts a subscription's attempts after one id and up to another, oldest first, and no further than `limit` of them. */
  countAttempts(params: CountAttempts): Promise<CountedAttempts>;
  /** Counts the deliveries of a subscription that wait, and those set aside of messages in [since, until); of each kind `limit` at most. */
  countDeliveries(
    params: SubscriptionKey & { since: number; until: number; limit: number },
  ): Promise<CountedDeliveries>;
}

/** An attempt, and whether its delivery waits for another one after it. */
export interface MadeAttempt extends Attempt {
  readonly willRetry: boolean;
}

export type MadeAttemptRow = Extract<AttemptRow, { kind: "made" }>;

export interface AttemptKey {
  readonly organizationId: OrganizationId;
  readonly messageId: MessageId;
  readonly attemptId: AttemptId;
}

/** Deliveries of a message, by their state; states without any are left out. */
export interface CountedStates {
  readonly messageId: MessageId;
  readonly counts: Readonly<Partial<Record<DeliveryState, number>>>;
}

export interface ListMadeAttempts extends PageOf<AttemptId> {
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
} satisfies Partial<ListMadeAttempts>;

export interface ListDeliveries extends PageOf<MessageId>, SubscriptionKey {
  readonly progress: DeliveryProgress | null;
  /** Of the message: exact names; null for all. */
  readonly eventTypes: readonly string[] | null;
  readonly channel: string | null;
  readonly tag: string | null;
  /** The message was accepted at or after (ms). */
  readonly since: number | null;
  /** The message was accepted before (ms). */
  readonly until: number | null;
  readonly oldestFirst: boolean;
}

/** A delivery as lists show it. */
export interface DeliverySight {
  readonly state: DeliveryState;
  /** Attempts made so far. */
  readonly attempts: number;
  /** When the next attempt is due (ms), while one is. */
  readonly nextAttemptAt: number | null;
}

export interface SentMessage extends Message {
  readonly delivery: DeliverySight;
}

export interface MessageReceiver extends Subscription {
  readonly delivery: DeliverySight;
  /** When the newest attempt began (ms); null when none was made. */
  readonly lastAttemptAt: number | null;
}

export interface ListMessageSubscriptions extends PageOf<SubscriptionId> {
  readonly organizationId: OrganizationId;
  readonly messageId: MessageId;
}

export interface MessageSubscription extends Subscription {
  /** Unix ms; null while it is there. */
  readonly deletedAt: number | null;
  /** Null when none was made. */
  readonly delivery: DeliverySight | null;
  /** When the newest attempt began (ms); null when none was made. */
  readonly lastAttemptAt: number | null;
  /** Whether the fan-out of the message has not come to this subscription yet. */
  readonly waitsForFanOut: boolean;
  /** Why there is no delivery; null where there is one, and where the message would go to the subscription today. */
  readonly mismatch: ShownMismatch | null;
}

/** A mismatch with what is needed to understand it. */
export type ShownMismatch =
  | { readonly kind: "event_type" | "channel" }
  | {
      readonly kind: "filter";
      readonly field: string;
      /** The text of the payload's value; null where it has none. */
      readonly value: string | null;
      /** The JSON text of the list of values that the filter wants. */
      readonly wanted: string;
    }
  /** It was a test event for another subscription. */
  | { readonly kind: "test" }
  /** Whether its filters match cannot be known any more. */
  | { readonly kind: "payload_deleted" };

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

export interface CountedDeliveries {
  /** Waiting for a first attempt. */
  readonly pending: number;
  /** Waiting for another one. */
  readonly retrying: number;
  /** Skipped or cancelled. */
  readonly setAside: number;
}
