import type { OrganizationId, SourceConnectionId, SyncId, SyncJobId } from "../../domain/id.ts";
import type { ErrorCategory, SyncCounts, SyncJob, SyncJobState } from "../../domain/sync-job.ts";

export interface SyncJobRow extends CountsRow {
  readonly id: SyncJobId;
  readonly organization_id: OrganizationId;
  readonly source_connection_id: SourceConnectionId;
  readonly sync_id: SyncId;
  readonly state: SyncJobState;
  readonly created_at: number;
  readonly reads_everything: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly error: string | null;
  readonly error_category: ErrorCategory | null;
}

export interface CountsRow {
  readonly entities_inserted: number;
  readonly entities_updated: number;
  readonly entities_deleted: number;
  readonly entities_skipped: number;
  readonly entities_failed: number;
  readonly chunks_written: number;
}

export function countsOf(row: CountsRow): SyncCounts {
  return {
    inserted: row.entities_inserted,
    updated: row.entities_updated,
    deleted: row.entities_deleted,
    skipped: row.entities_skipped,
    failed: row.entities_failed,
    chunksWritten: row.chunks_written,
  };
}

export function jobOf(row: SyncJobRow): SyncJob {
  const base = {
    id: row.id,
    organizationId: row.organization_id,
    sourceConnectionId: row.source_connection_id,
    syncId: row.sync_id,
    createdAt: row.created_at,
    readsEverything: row.reads_everything === 1,
    counts: countsOf(row),
  };
  if (row.state === "pending") return { ...base, state: row.state };
  // The table's checks say that these times are there.
  if (row.state === "running" || row.state === "cancelling") {
    return { ...base, state: row.state, startedAt: row.started_at ?? row.created_at };
  }
  const ended = { ...base, startedAt: row.started_at, endedAt: row.ended_at ?? row.created_at };
  return row.state === "failed"
    ? { ...ended, state: row.state, error: row.error ?? "", errorCategory: row.error_category }
    : { ...ended, state: row.state };
}
