import type { MessageId, OrganizationId } from "./id.ts";

/** Optional properties that a publisher can give a message in addition to its event. Null when absent. */
export interface MessageOptions {
  /** A subscription with channels receives the message only if it has one of these. */
  readonly channels: readonly string[] | null;
  /** Search terms that find the message. */
  readonly tags: readonly string[] | null;
  /** The media type of a payload that is text. Null when the payload is a JSON object. */
  readonly contentType: string | null;
  /** When its first attempts are due (Unix ms); null means immediately. */
  readonly deliverAt: number | null;
  /** When its payload is deleted (Unix ms), if that is before the message. */
  readonly payloadUntil: number | null;
}

/** An event that was published. */
export interface PublishedEvent {
  readonly id: MessageId;
  readonly organizationId: OrganizationId;
  readonly eventType: string;
  /** The publisher's id of the event, unique in the organization; null when none was given. */
  readonly eventId: string | null;
  /**
   * The accepted text, byte for byte: a JSON object, unless a content type says otherwise. Empty after the payload was deleted.
   */
  readonly payload: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** One accepted event. */
export interface Message extends PublishedEvent, MessageOptions {
  /** Unix milliseconds; null while the payload is stored. */
  readonly payloadDeletedAt: number | null;
  /** The trace context that its deliveries continue, in the form of `trace-context.ts`; null without one. */
  readonly traceContext: string | null;
}

export const noOptions: MessageOptions = {
  channels: null,
  tags: null,
  contentType: null,
  deliverAt: null,
  payloadUntil: null,
};

export function newMessage(given: PublishedEvent & Partial<Message>): Message {
  return { ...noOptions, payloadDeletedAt: null, traceContext: null, ...given };
}

/** The bytes of a payload in UTF-8, as it is stored and sent. */
export function payloadBytes({ payload }: { readonly payload: string }): number {
  return Buffer.byteLength(payload);
}

/** The value of the payload; null when it is not JSON. */
export function payloadValue({ payload, contentType }: Pick<Message, "payload" | "contentType">): unknown {
  if (contentType === null) return JSON.parse(payload);
  try {
    return JSON.parse(payload);
  } catch {
    return null;
  }
}

/** The payload's text if it is JSON, otherwise null. A payload without a content type was validated when it was accepted. */
export function jsonText({ payload, contentType }: Pick<Message, "payload" | "contentType">): string | null {
  return contentType === null || payloadValue({ payload, contentType }) !== null ? payload : null;
}

/** Whether the payload is the text of a JSON object. A payload without a content type was validated when it was accepted. */
export function isObjectText({ payload, contentType }: Pick<Message, "payload" | "contentType">): boolean {
  if (!/^\s*\{/.test(payload)) return false;
  return contentType === null || payloadValue({ payload, contentType }) !== null;
}

/**
 * The payload in the form of the APIs: the text of a JSON object. A payload that was given as text is its `rawPayload`, unless
 * it is an object itself.
 */
export function shownPayload(message: Pick<Message, "payload" | "contentType" | "payloadDeletedAt">): string {
  if (message.payloadDeletedAt !== null) return '{"expired":true}';
  if (message.contentType === null) return message.payload;
  const value = payloadValue(message);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? message.payload : JSON.stringify({ rawPayload: message.payload });
}

/** The state of a message: all its deliveries succeeded, one failed permanently, or one is still pending. */
export const messageStatuses = ["success", "failed", "pending"] as const;
export type MessageStatus = (typeof messageStatuses)[number];
