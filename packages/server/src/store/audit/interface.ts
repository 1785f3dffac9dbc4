import type { AuditEntry, AuditKind } from "../../domain/audit-entry.ts";
import type { AuditEntryId, OrganizationId } from "../../domain/id.ts";
import type { PageOf } from "../page.ts";

/** Who did what that somebody may ask about later. */
export interface AuditStore {
  addAuditEntry(params: { entry: AuditEntry }): Promise<null>;
  /** Notes how it ended. */
  endAuditEntry(params: { entryId: AuditEntryId; status: number }): Promise<null>;
  listAuditEntries(params: ListAuditEntries): Promise<AuditEntry[]>;
  /** Deletes those made before a time, the oldest first, `limit` at most. Answers how many. */
  deleteAuditBefore(params: { before: number; limit: number }): Promise<number>;
}

/** Newest first. What a filter leaves out costs nothing that is shown: look-ups of one kind are rare here. */
export interface ListAuditEntries extends PageOf<AuditEntryId> {
  /** Null for those of all. */
  readonly organizationId: OrganizationId | null;
  readonly kind: AuditKind | null;
  readonly operation: string | null;
  /** Id of an API key. */
  readonly actorId: string | null;
  /** Made at or after (ms). */
  readonly since: number | null;
  /** Made before (ms). */
  readonly until: number | null;
}
