import type { WrittenField } from "../../domain/filters.ts";
import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { Message, MessageStatus } from "../../domain/message.ts";
import type { IdempotentRequest } from "../idempotency/interface.ts";
import type { Page, PageOf } from "../page.ts";

/** Accepting messages, and looking at them. */
export interface MessageStore {
  /** How many messages of an organization were accepted before a time (ms). */
  countMessages(params: { organizationId: OrganizationId; until: number }): Promise<number>;
  /**
   * Stores messages and one delivery for each subscription that wants one, decided inside the transaction.
   * All of them or none. A message whose event id is known already is not stored again.
   */
  acceptMessages(params: AcceptMessages): Promise<AcceptResult>;
  readMessage(params: { organizationId: OrganizationId; messageId: MessageId }): Promise<Message | null>;
  /**
   * Those of the messages that there are, a page of them at most, in the order of the ids. `unread`: the last of them, which
   * would have made more than `limits.pageBytesMax`.
   */
  readMessages(params: {
    organizationId: OrganizationId;
    messageIds: readonly MessageId[];
  }): Promise<{ messages: Message[]; unread: MessageId[] }>;
  /**
   * Messages, newest first unless asked for the oldest. What the filters leave out costs no more than `limits.examinedForPageMax` of them for a page.
   * A page ends before the message that would make it larger than `limits.pageBytesMax`.
   * Nothing is pending for a subscription that was deleted.
   */
  listMessages(params: ListMessages): Promise<Page<Message, MessageId>>;
  /**
   * Deletes a message's payload; what waits to be sent of it is cancelled. False when there is no such message; one whose
   * payload was deleted before stays as it is.
   */
  deletePayload(params: { organizationId: OrganizationId; messageId: MessageId; now: number }): Promise<boolean>;
  /** The same for payloads whose time is over, `limit` at most. Answers how many. */
  deleteExpiredPayloads(params: { now: number; limit: number }): Promise<number>;
  /** The message with this event id. */
  findMessage(params: { organizationId: OrganizationId; eventId: string }): Promise<Message | null>;
  /**
   * Takes one step in forgetting the messages, deliveries and attempts that were made before a time: `limit` messages, or
   * one partition, at most. What is newer stays, and a store that forgets by partitions keeps some that is older too.
   * Answers whether there is more to forget.
   */
  forgetBefore(params: { before: number; limit: number }): Promise<boolean>;
}

export interface AcceptMessages {
  readonly organizationId: OrganizationId;
  readonly messages: readonly Message[];
  readonly idempotency: IdempotentRequest | null;
  /** Deliver to this subscription alone, whatever it wants: a test event. */
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
  /** True when the event had been accepted before; `id` and `createdAt` are those of that time. */
  readonly duplicate: boolean;
}

export interface ListMessages extends PageOf<MessageId> {
  readonly organizationId: OrganizationId;
  /** Exact names; null for all. */
  readonly eventTypes: readonly string[] | null;
  /** Published to this channel. */
  readonly channel: string | null;
  readonly tag: string | null;
  /** Accepted at or after (ms). */
  readonly since: number | null;
  /** Accepted before (ms). */
  readonly until: number | null;
  /** Only messages with a delivery to this subscription. */
  readonly subscriptionId: SubscriptionId | null;
  readonly status: MessageStatus | null;
  /** The publisher's own id of the event. */
  readonly eventId: string | null;
  /**
   * Fields of the payload; with any, a page looks at `limits.payloadsExaminedForPageMax` messages and no more. Nothing is found
   * in payloads that are deleted or no JSON.
   */
  readonly payloadFields: readonly WrittenField[];
  readonly oldestFirst: boolean;
}

/** Filters that leave nothing out, newest first. */
export const anyMessage = {
  eventTypes: null,
  channel: null,
  tag: null,
  since: null,
  until: null,
  subscriptionId: null,
  status: null,
  eventId: null,
  payloadFields: [],
  oldestFirst: false,
} satisfies Partial<ListMessages>;
