import type { AuditEntry, AuditKind } from "../../domain/audit-entry.ts";
import type { AuditSubject } from "../../domain/audit-subject.ts";
import type { AuditEntryId, OrganizationId } from "../../domain/id.ts";
import type { PageOf } from "../page.ts";

/** The audit log records which caller changed which thing. */
export interface AuditStore {
  /** Stores an entry. */
  addAuditEntry(params: { entry: AuditEntry }): Promise<null>;
  /** Adds the status that a logged call ended with. */
  endAuditEntry(params: { entryId: AuditEntryId; status: number }): Promise<null>;
  /** Lists entries, newest first. */
  listAuditEntries(params: ListAuditEntries): Promise<AuditEntry[]>;
  /** Returns the names of things that entries refer to. Things that do not exist, or no longer, are left out. */
  readSubjectNames(params: { subjects: readonly AuditSubject[] }): Promise<NamedSubject[]>;
  /** Deletes entries from before a time, oldest first, at most `limit`. Returns how many were deleted. */
  deleteAuditBefore(params: { before: number; limit: number }): Promise<number>;
}

export interface NamedSubject extends AuditSubject {
  /** The URL of a subscription. */
  readonly name: string;
  /** The organization that it belongs to, or is. */
  readonly organizationId: OrganizationId;
}

/** A page of the audit log. Filters may leave many entries out, because entries are few. */
export interface ListAuditEntries extends PageOf<AuditEntryId> {
  /** Null for all organizations. */
  readonly organizationId: OrganizationId | null;
  readonly kind: AuditKind | null;
  readonly operation: string | null;
  /** The id of an API key. */
  readonly actorId: string | null;
  /** Entries from this time on (ms). */
  readonly since: number | null;
  /** Entries before this time (ms). */
  readonly until: number | null;
}
