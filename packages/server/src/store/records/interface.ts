import type { AttemptId, MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { Organization } from "../../domain/organization.ts";

/** Finds records by ids and names in all organizations, for operators. */
export interface RecordStore {
  /** Returns the organization of the message, attempt or subscription with this id, or null. */
  findRecord(params: { id: string }): Promise<FoundRecord | null>;
  /** Lists messages with this event id, of the newest `organizationsMax` organizations. */
  findEvents(params: { eventId: string; organizationsMax: number; limit: number }): Promise<FoundEvent[]>;
  /**
   * Lists organizations whose name or uid contains a text, newest first. It examines at most the newest
   * `organizationsMax`.
   */
  searchOrganizations(params: { text: string; organizationsMax: number; limit: number }): Promise<Organization[]>;
}

export type FoundRecord =
  | { readonly kind: "message"; readonly organizationId: OrganizationId; readonly id: MessageId }
  | { readonly kind: "attempt"; readonly organizationId: OrganizationId; readonly id: AttemptId }
  | { readonly kind: "subscription"; readonly organizationId: OrganizationId; readonly id: SubscriptionId };

export interface FoundEvent {
  readonly organizationId: OrganizationId;
  readonly messageId: MessageId;
}
