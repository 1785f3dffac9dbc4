import type { DeliveryProgress, DeliveryState } from "../../domain/delivery.ts";
import type { MessageId, NodeId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { Page, PageOf } from "../page.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";

/**
 * Deliveries: claiming, releasing and rescuing them, resending messages, and showing how far they are. A claim holds
 * while its node is alive.
 */
export interface DeliveryStore {
  /**
   * Lists messages that have a delivery to a subscription, with its progress; newest first unless `oldestFirst` is set.
   * Messages that the filters leave out cost at most `limits.examinedForPageMax` of them for a page.
   */
  listDeliveries(params: ListDeliveries): Promise<Page<SentMessage, MessageId>>;
  /**
   * Lists subscriptions that have a delivery of a message, deleted ones too, with its progress; oldest first unless
   * `newestFirst` is set.
   */
  listReceivers(
    params: { organizationId: OrganizationId; messageId: MessageId; newestFirst: boolean } & PageOf<SubscriptionId>,
  ): Promise<MessageReceiver[]>;
  /**
   * Lists subscriptions that existed when a message was accepted, deleted ones too, and those with a delivery of it;
   * newest first. For each one without a delivery it gives the reason by its current settings. A page may be short
   * without being the last.
   */
  listMessageSubscriptions(params: ListMessageSubscriptions): Promise<Page<MessageSubscription, SubscriptionId>>;
  /**
   * Matches the newest messages, without test events, with the settings of a subscription that need not exist. Messages whose
   * event type does not match are left out, so that there may be fewer than `limit`.
   */
  matchMessages(params: MatchMessages): Promise<MatchedMessage[]>;
  /**
   * Counts the deliveries of each of these messages by state. Messages without deliveries, and those of other
   * organizations, are left out.
   */
  countStates(params: { organizationId: OrganizationId; messageIds: readonly MessageId[] }): Promise<CountedStates[]>;
  /**
   * Lists at most `perMessageMax` deliveries of each of these messages, failed ones first, with the result of the newest
   * attempt.
   */
  summarizeDeliveries(params: {
    organizationId: OrganizationId;
    messageIds: readonly MessageId[];
    perMessageMax: number;
  }): Promise<DeliverySummary[]>;
  /**
   * Counts the waiting deliveries of a subscription, and those set aside of messages in [since, until); at most `limit`
   * of each kind.
   */
  countDeliveries(
    params: SubscriptionKey & { since: number; until: number; limit: number },
  ): Promise<CountedDeliveries>;
  /** Makes deliveries due again that expired nodes had claimed, at most `limit`. Returns how many. */
  rescueDeliveries(params: { now: number; limit: number }): Promise<number>;
  /**
   * Returns deliveries that a node claimed and did not start to the state that they had before the claim. Returns how
   * many.
   */
  releaseDeliveries(params: { nodeId: NodeId; deliveries: readonly DeliveryKey[] }): Promise<number>;

  /** Returns subscriptions that have due deliveries, with the time of the earliest, which may be in the future. */
  findDueLanes(params: { limit: number }): Promise<DueLane[]>;
  /**
   * Claims due deliveries for a node in the order of their messages, at most `limit` for each lane. No two nodes ever
   * hold the same delivery, and a node without a lease gets none. The engine's room for payloads bounds the result,
   * lane after lane. Deliveries of disabled subscriptions become skipped; deliveries of deleted subscriptions, and of
   * messages without a payload, become cancelled. Claimed deliveries go to the `HandOver` before the new ones of the
   * same commit, so that each lane gets its deliveries in order. Deliveries of an ordered subscription are claimed only
   * if no node holds one of them, from its oldest unfinished delivery up to the first that is not due yet.
   */
  claimDue(params: { nodeId: NodeId; now: number; lanes: readonly LaneRoom[] }): Promise<LaneClaim[]>;

  /** Makes deliveries of a message due at once, with the whole retry schedule before them. */
  resendMessage(params: {
    organizationId: OrganizationId;
    messageId: MessageId;
    subscriptionId: SubscriptionId | null;
    now: number;
  }): Promise<ResendResult>;
}

export interface DeliveryKey {
  readonly messageId: MessageId;
  readonly subscriptionId: SubscriptionId;
}

export interface DeliverySummary extends DeliveryKey {
  readonly url: string;
  readonly state: DeliveryState;
  /** The response to the newest attempt; null without a response. */
  readonly responseStatus: number | null;
  /** The error of the newest attempt; null without an error. */
  readonly error: string | null;
}

export interface DueLane {
  readonly subscriptionId: SubscriptionId;
  /** Null for a subscription that was deleted together with its organization. */
  readonly organizationId: OrganizationId | null;
  readonly dueAt: number;
}

export interface LaneRoom {
  readonly subscriptionId: SubscriptionId;
  readonly limit: number;
  /**
   * Claims only deliveries that a resend or a test event made due. An ordered subscription gets its next delivery if it
   * is such a delivery. `drained` is then always false.
   */
  readonly byHandOnly?: boolean;
  /**
   * For a subscription with a rate limit, the number of deliveries that can start immediately, because the limit counts
   * claims.
   */
  readonly startingMax?: number;
}

export interface LaneClaim {
  readonly subscriptionId: SubscriptionId;
  readonly claimed: number;
  /**
   * Whether no due delivery was left, neither because room was missing nor because it must wait for another delivery.
   */
  readonly drained: boolean;
  /** When the rate limit allows the next delivery (ms); only if it left one behind. */
  readonly nextTokenAt?: number;
}

export type ResendResult =
  | { readonly kind: "resent"; readonly subscriptionIds: readonly SubscriptionId[] }
  | { readonly kind: "message_not_found" }
  /** There is nothing left to send. */
  | { readonly kind: "payload_deleted" }
  | { readonly kind: "subscription_not_found" }
  | { readonly kind: "subscription_disabled" };

/** Deliveries of a message by state; states without any are left out. */
export interface CountedStates {
  readonly messageId: MessageId;
  readonly counts: Readonly<Partial<Record<DeliveryState, number>>>;
}

export interface ListDeliveries extends PageOf<MessageId>, SubscriptionKey {
  readonly progress: DeliveryProgress | null;
  /** Exact event types of the message; null for all. */
  readonly eventTypes: readonly string[] | null;
  readonly channel: string | null;
  readonly tag: string | null;
  /** Messages accepted at this time or later (ms). */
  readonly since: number | null;
  /** Messages accepted before this time (ms). */
  readonly until: number | null;
  readonly oldestFirst: boolean;
}

/** The progress of a delivery, as lists show it. */
export interface DeliverySight {
  readonly state: DeliveryState;
  /** Attempts made so far. */
  readonly attempts: number;
  /** The number of delays of the retry schedule that were used. */
  readonly scheduleStep: number;
  /** When the next attempt is due (ms); null if none is. */
  readonly nextAttemptAt: number | null;
}

export interface SentMessage extends Message {
  readonly delivery: DeliverySight;
}

export interface MessageReceiver extends Subscription {
  readonly delivery: DeliverySight;
  /** When the newest attempt began (ms); null if there was none. */
  readonly lastAttemptAt: number | null;
}

export interface ListMessageSubscriptions extends PageOf<SubscriptionId> {
  readonly organizationId: OrganizationId;
  readonly messageId: MessageId;
}

export interface MessageSubscription extends Subscription {
  /** When it was deleted (Unix ms); null if it was not. */
  readonly deletedAt: number | null;
  /** Null if there is no delivery. */
  readonly delivery: DeliverySight | null;
  /** When the newest attempt began (ms); null if there was none. */
  readonly lastAttemptAt: number | null;
  /** Whether the fan-out of the message has yet to reach this subscription. */
  readonly waitsForFanOut: boolean;
  /** Why there is no delivery; null if there is one, or if the message would match the subscription today. */
  readonly mismatch: ShownMismatch | null;
}

export interface MatchMessages {
  readonly organizationId: OrganizationId;
  readonly settings: Pick<Subscription, "eventTypes" | "channels" | "filters">;
  /** Event types whose newest messages are found even if they are rare: at most `limits.repeatedMax`. */
  readonly namedTypes: readonly string[];
  readonly limit: number;
}

export interface MatchedMessage {
  readonly message: Message;
  /** Null if the message matches. */
  readonly mismatch: ShownMismatch | null;
}

/** Why a message does not go to a subscription, with the values that explain it. */
export type ShownMismatch =
  | { readonly kind: "event_type" | "channel" }
  | {
      readonly kind: "filter";
      readonly field: string;
      /** The text of the payload's value; null if the payload lacks the field. */
      readonly value: string | null;
      /** The JSON text of the values that the filter matches. */
      readonly wanted: string;
    }
  /** It was a test event for another subscription. */
  | { readonly kind: "test" }
  /** Whether its filters match cannot be known any more. */
  | { readonly kind: "payload_deleted" };

export interface CountedDeliveries {
  /** Waiting for their first attempt. */
  readonly pending: number;
  /** Waiting for another attempt. */
  readonly retrying: number;
  /** Skipped or cancelled. */
  readonly setAside: number;
}
