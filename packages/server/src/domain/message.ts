import type { MessageId, OrganizationId } from "./id.ts";

/** What a publisher may say of a message beside its event. Null where he said nothing. */
export interface MessageOptions {
  /** Which of the subscriptions that name channels get it: those that name one of these. */
  readonly channels: readonly string[] | null;
  /** Words to find it by. */
  readonly tags: readonly string[] | null;
  /** The media type of a payload that was given as text, not as JSON. Null: the payload is a JSON object. */
  readonly contentType: string | null;
  /** When its first attempts are due (Unix ms), if later than at once. */
  readonly deliverAt: number | null;
  /** When its payload is to be deleted (Unix ms), if sooner than the message. */
  readonly payloadUntil: number | null;
}

/** An event that was published. */
export interface PublishedEvent {
  readonly id: MessageId;
  readonly organizationId: OrganizationId;
  readonly eventType: string;
  /** The publisher's own id of the event; unique in the organization; null when none was given. */
  readonly eventId: string | null;
  /** Text, byte for byte as it was accepted: a JSON object, unless a content type says otherwise. Empty once it was deleted. */
  readonly payload: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** One event that was accepted. */
export interface Message extends PublishedEvent, MessageOptions {
  /** Unix milliseconds; null while the payload is there. */
  readonly payloadDeletedAt: number | null;
}

export const noOptions: MessageOptions = {
  channels: null,
  tags: null,
  contentType: null,
  deliverAt: null,
  payloadUntil: null,
};

export function newMessage(given: PublishedEvent & Partial<Message>): Message {
  return { ...noOptions, payloadDeletedAt: null, ...given };
}

/** The bytes of a payload in UTF-8, as it is stored and sent. */
export function payloadBytes({ payload }: { readonly payload: string }): number {
  return Buffer.byteLength(payload);
}

/** What the payload says; null when it is not JSON. */
export function payloadValue({ payload, contentType }: Pick<Message, "payload" | "contentType">): unknown {
  if (contentType === null) return JSON.parse(payload);
  try {
    return JSON.parse(payload);
  } catch {
    return null;
  }
}

/** The payload's text when it is JSON, and null otherwise. A payload without a content type was checked when it was accepted. */
export function jsonText({ payload, contentType }: Pick<Message, "payload" | "contentType">): string | null {
  return contentType === null || payloadValue({ payload, contentType }) !== null ? payload : null;
}

/** Whether the payload is the text of a JSON object. A payload without a content type was checked when it was accepted. */
export function isObjectText({ payload, contentType }: Pick<Message, "payload" | "contentType">): boolean {
  if (!/^\s*\{/.test(payload)) return false;
  return contentType === null || payloadValue({ payload, contentType }) !== null;
}

/**
 * The payload as the APIs show it: the text of a JSON object. One that was given as text is its `rawPayload`, unless that is
 * an object itself.
 */
export function shownPayload(message: Pick<Message, "payload" | "contentType" | "payloadDeletedAt">): string {
  if (message.payloadDeletedAt !== null) return '{"expired":true}';
  if (message.contentType === null) return message.payload;
  const value = payloadValue(message);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? message.payload : JSON.stringify({ rawPayload: message.payload });
}

/** What has come of a message: all its deliveries succeeded, one failed for good, or one is still to be made. */
export const messageStatuses = ["success", "failed", "pending"] as const;
export type MessageStatus = (typeof messageStatuses)[number];
