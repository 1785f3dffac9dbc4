import type { Attempt } from "../../domain/attempt.ts";
import type { SettledDelivery } from "../../domain/delivery.ts";
import type { HoldBack } from "../../domain/hold-back.ts";
import type { MessageId, NodeId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { AttemptNews } from "../../domain/operational-event.ts";
import type { AttemptRow } from "../messages/interface.ts";
import type { Page, PageOf } from "../page.ts";

/** Claiming, recording and rescuing deliveries, and looking at attempts. A claim holds while its node is alive. */
export interface DeliveryStore {
  /**
   * Says that the node lives until `leaseUntil`. False when it was declared dead: its claims are lost. `isNew`: it holds
   * nothing yet, so there is nothing that it could have lost.
   */
  beatNode(params: { nodeId: NodeId; leaseUntil: number; now: number; isNew: boolean }): Promise<boolean>;
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
  /**
   * Records attempts and the states that they led to. One answer for each: false when the node no longer held the
   * delivery, or the attempt is not its next one; then nothing of it is recorded. Keeps health up to date, and disables a
   * subscription that is gone or has failed for too long. The operators are told in the same commit.
   */
  recordAttempts(params: { nodeId: NodeId; records: readonly AttemptRecord[]; now: number }): Promise<boolean[]>;

  /**
   * Notes what holds back subscriptions on a node, in place of what it said of them before; null when nothing does any
   * more. What a node said is shown with its subscription while the node lives.
   */
  noteHoldBacks(params: { nodeId: NodeId; holdBacks: readonly NotedHoldBack[] }): Promise<null>;

  /** Makes deliveries of a message due at once, with the whole schedule before them. */
  resendMessage(params: {
    organizationId: OrganizationId;
    messageId: MessageId;
    subscriptionId: SubscriptionId | null;
    now: number;
  }): Promise<ResendResult>;

  /**
   * Attempts, and among them the deliveries that have not been attempted yet, each at the time of its message; newest
   * first. Of a message alone there is a first page, and no further one. What the filters leave out costs no more than
   * `limits.examinedForPageMax` rows of a kind for a page.
   */
  listAttempts(params: ListAttempts): Promise<Page<AttemptRow, string>>;
}

export interface DeliveryKey {
  readonly messageId: MessageId;
  readonly subscriptionId: SubscriptionId;
}

export interface NotedHoldBack {
  readonly subscriptionId: SubscriptionId;
  readonly holdBack: HoldBack | null;
}

export interface DueLane {
  readonly subscriptionId: SubscriptionId;
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

export interface AttemptRecord {
  readonly attempt: Attempt;
  readonly settled: SettledDelivery;
  /** Never null for a failure, which may be the one too many for its subscription. */
  readonly news: AttemptNews | null;
}

export type ResendResult =
  | { readonly kind: "resent"; readonly subscriptionIds: readonly SubscriptionId[] }
  | { readonly kind: "message_not_found" }
  /** There is nothing left to send. */
  | { readonly kind: "payload_deleted" }
  | { readonly kind: "subscription_not_found" }
  | { readonly kind: "subscription_disabled" };

export interface ListAttempts extends PageOf<string> {
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
export const anyAttemptRow = {
  status: null,
  eventTypes: null,
  since: null,
  until: null,
} satisfies Partial<ListAttempts>;
