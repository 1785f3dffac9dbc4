import type { AttemptFilter } from "../../domain/attempt-filter.ts";
import type { WrittenField } from "../../domain/filters.ts";
import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { Message, MessageStatus } from "../../domain/message.ts";
import type { IdempotentRequest } from "../idempotency/interface.ts";
import type { Page, PageOf } from "../page.ts";

/** Messages: accepting, reading and forgetting them. */
export interface MessageStore {
  /** Counts the messages of an organization that were accepted before a time (ms). */
  countMessages(params: { organizationId: OrganizationId; until: number }): Promise<number>;
  /**
   * Stores messages and a delivery for each matching subscription, all or none, in one transaction. A message whose
   * event id is already known is not stored again.
   */
  acceptMessages(params: AcceptMessages): Promise<AcceptResult>;
  /** Returns a message, or null. */
  readMessage(params: { organizationId: OrganizationId; messageId: MessageId }): Promise<Message | null>;
  /**
   * Returns those of the messages that exist, in the order of their ids, up to a page. `unread`: the rest, which would
   * have made the page larger than `limits.pageBytesMax`.
   */
  readMessages(params: {
    organizationId: OrganizationId;
    messageIds: readonly MessageId[];
  }): Promise<{ messages: Message[]; unread: MessageId[] }>;
  /**
   * Lists messages, newest first unless `oldestFirst` is set. Messages that the filters leave out cost at most
   * `limits.examinedForPageMax` of them for a page. A page ends before the message that would make it larger than
   * `limits.pageBytesMax`. Deliveries to deleted subscriptions do not count as pending.
   */
  listMessages(params: ListMessages): Promise<Page<Message, MessageId>>;
  /**
   * Deletes the payload of a message and cancels its waiting deliveries. A second deletion changes nothing. Returns whether
   * this call deleted it.
   */
  deletePayload(params: {
    organizationId: OrganizationId;
    messageId: MessageId;
    now: number;
  }): Promise<"deleted" | "already_deleted" | "not_found">;
  /** Deletes expired payloads, at most `limit`, as `deletePayload` does. Returns how many were deleted. */
  deleteExpiredPayloads(params: { now: number; limit: number }): Promise<number>;
  /** Returns the message with this event id, or null. */
  findMessage(params: { organizationId: OrganizationId; eventId: string }): Promise<Message | null>;
  /**
   * Takes one step in forgetting messages, deliveries and attempts from before a time: at most `limit` messages, or one
   * partition. Newer data stays; a store with partitions keeps some that is older too. With `onlyEmpty` no message is
   * deleted, and only partitions without messages are dropped. Returns whether there is more to forget.
   */
  forgetBefore(params: { before: number; limit: number; onlyEmpty: boolean }): Promise<boolean>;
}

export interface AcceptMessages {
  readonly organizationId: OrganizationId;
  readonly messages: readonly Message[];
  readonly idempotency: IdempotentRequest | null;
  /** A test event: deliver to this subscription alone, whether it matches or not. */
  readonly testOf: SubscriptionId | null;
}

export type AcceptResult =
  | { readonly kind: "accepted"; readonly messages: readonly AcceptedMessage[] }
  /** The event id at `index` belongs to an event with other content. */
  | { readonly kind: "event_id_conflict"; readonly index: number }
  /** The idempotency key belongs to a request with another body. */
  | { readonly kind: "idempotency_conflict" };

export interface AcceptedMessage {
  readonly id: MessageId;
  readonly createdAt: number;
  /** True if the event had been accepted before; `id` and `createdAt` are then those of the first time. */
  readonly duplicate: boolean;
}

export interface ListMessages extends PageOf<MessageId> {
  readonly organizationId: OrganizationId;
  /** Exact event types; null for all. */
  readonly eventTypes: readonly string[] | null;
  /** Messages that were published to this channel. */
  readonly channel: string | null;
  readonly tag: string | null;
  /** Messages accepted at this time or later (ms). */
  readonly since: number | null;
  /** Messages accepted before this time (ms). */
  readonly until: number | null;
  /** Only messages with a delivery to this subscription. */
  readonly subscriptionId: SubscriptionId | null;
  readonly status: MessageStatus | null;
  /** Only messages with such an attempt, to the subscription if there is one; null for all. */
  readonly attempted: AttemptFilter | null;
  /** The publisher's own id of the event. */
  readonly eventId: string | null;
  /**
   * Fields of the payload. With any, a page examines at most `limits.payloadsExaminedForPageMax` messages. Payloads
   * that were deleted or are not JSON never match.
   */
  readonly payloadFields: readonly WrittenField[];
  /** Whether test events are listed. */
  readonly includesTests: boolean;
  readonly oldestFirst: boolean;
}

/** Filters that match every message, newest first. */
export const anyMessage = {
  eventTypes: null,
  channel: null,
  tag: null,
  since: null,
  until: null,
  subscriptionId: null,
  status: null,
  attempted: null,
  eventId: null,
  payloadFields: [],
  includesTests: true,
  oldestFirst: false,
} satisfies Partial<ListMessages>;
