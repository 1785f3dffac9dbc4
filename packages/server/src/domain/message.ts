import type { MessageId, OrganizationId } from "./id.ts";

/** One event that was accepted. */
export interface Message {
  readonly id: MessageId;
  readonly organizationId: OrganizationId;
  readonly eventType: string;
  /** The publisher's own id of the event; unique in the organization; null when none was given. */
  readonly eventId: string | null;
  /** JSON text, byte for byte as it was accepted. */
  readonly payload: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** What has come of a message: all its deliveries succeeded, one failed for good, or one is still to be made. */
export const messageStatuses = ["success", "failed", "pending"] as const;
export type MessageStatus = (typeof messageStatuses)[number];
