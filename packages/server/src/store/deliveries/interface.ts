import type { DeliveryProgress, DeliveryState } from "../../domain/delivery.ts";
import type { MessageId, NodeId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { Page, PageOf } from "../page.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";

/** Claiming, recording and rescuing deliveries, and looking at attempts. A claim holds while its node is alive. */
export interface DeliveryStore {
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
  /** Counts the deliveries of a subscription that wait, and those set aside of messages in [since, until); of each kind `limit` at most. */
  countDeliveries(
    params: SubscriptionKey & { since: number; until: number; limit: number },
  ): Promise<CountedDeliveries>;
  /** Makes due what dead nodes had claimed, at most `limit` deliveries. Answers how many. */
  rescueDeliveries(params: { now: number; limit: number }): Promise<number>;
  /** Hands back what a node claimed and did not start, as it was before the claim. */
  releaseDeliveries(params: { nodeId: NodeId; deliveries: readonly DeliveryKey[] }): Promise<number>;

  /** Subscriptions that have due deliveries, with the time of the earliest (which may lie ahead). */
  findDueLanes(params: { limit: number }): Promise<DueLane[]>;
  /**
   * Claims due deliveries for a node, in the order of the messages: for each lane at most `limit`. No two nodes ever
   * hold the same delivery, and a node without a lease gets none, neither here nor of what a commit makes: nobody would
   * rescue it. The engine's room for payloads bounds what it is given, lane after lane. Those of disabled subscriptions
   * become skipped; of deleted ones, and of messages whose payload was deleted, cancelled. What is claimed
   * goes to the HandOver, before what the same commit makes anew, so that a lane gets its deliveries in their order.
   * An ordered subscription's are claimed only when nobody holds one of them, from its oldest unfinished one on and up to
   * the first that is not due yet.
   */
  claimDue(params: { nodeId: NodeId; now: number; lanes: readonly LaneRoom[] }): Promise<LaneClaim[]>;

  /** Makes deliveries of a message due at once, with the whole schedule before them. */
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
   * Only what somebody asked for by hand, by a resend or a test event; of an ordered subscription its next delivery, if
   * there is such a one. Then nothing is known of what else is due, and `drained` is false.
   */
  readonly byHandOnly?: boolean;
  /** Of a subscription with a rate limit no more than this: what can start at once, since a claim is what its limit counts. */
  readonly startingMax?: number;
}

export interface LaneClaim {
  readonly subscriptionId: SubscriptionId;
  readonly claimed: number;
  /** Whether nothing that is due now was left behind: for want of room, or because it must wait for another. */
  readonly drained: boolean;
  /** When the rate limit lets the next through (ms); only when it left something behind. */
  readonly nextTokenAt?: number;
}

export type ResendResult =
  | { readonly kind: "resent"; readonly subscriptionIds: readonly SubscriptionId[] }
  | { readonly kind: "message_not_found" }
  /** There is nothing left to send. */
  | { readonly kind: "payload_deleted" }
  | { readonly kind: "subscription_not_found" }
  | { readonly kind: "subscription_disabled" };

/** Deliveries of a message, by their state; states without any are left out. */
export interface CountedStates {
  readonly messageId: MessageId;
  readonly counts: Readonly<Partial<Record<DeliveryState, number>>>;
}

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

export interface CountedDeliveries {
  /** Waiting for a first attempt. */
  readonly pending: number;
  /** Waiting for another one. */
  readonly retrying: number;
  /** Skipped or cancelled. */
  readonly setAside: number;
}
