import type { CollectionId, OrganizationId, SourceConnectionId, SyncId } from "../../domain/id.ts";
import type { AuthenticationMethod, Schedule, SourceConnection } from "../../domain/source-connection.ts";

export interface SourceConnectionRow {
  readonly id: SourceConnectionId;
  readonly organization_id: OrganizationId;
  readonly collection_id: CollectionId;
  readonly readable_collection_id: string;
  readonly name: string;
  readonly description: string | null;
  readonly metadata: string;
  readonly source: string;
  readonly config: string;
  readonly auth_method: AuthenticationMethod;
  readonly authenticated_at: number | null;
  readonly tokens_expire_at: number | null;
  readonly needs_reauth_at: number | null;
  readonly sync_id: SyncId | null;
  readonly schedule_cron: string | null;
  readonly schedule_time_zone: string | null;
  readonly schedule_continuous: number;
  readonly next_run_at: number | null;
  readonly paused_at: number | null;
  readonly entity_count: number;
  readonly created_at: number;
  readonly modified_at: number;
}

export const selectConnection = `select source_connection.*, collection.readable_id as readable_collection_id
  from source_connection join collection on collection.id = source_connection.collection_id`;

export function connectionOf(row: SourceConnectionRow): SourceConnection {
  return {
    id: row.id,
    organizationId: row.organization_id,
    collectionId: row.collection_id,
    readableCollectionId: row.readable_collection_id,
    name: row.name,
    description: row.description,
    metadata: JSON.parse(row.metadata) as Record<string, string>,
    source: row.source,
    config: JSON.parse(row.config) as Record<string, unknown>,
    authMethod: row.auth_method,
    authenticatedAt: row.authenticated_at,
    tokensExpireAt: row.tokens_expire_at,
    needsReauthAt: row.needs_reauth_at,
    syncId: row.sync_id,
    schedule: scheduleOf(row),
    nextRunAt: row.next_run_at,
    pausedAt: row.paused_at,
    entityCount: row.entity_count,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  };
}

function scheduleOf(row: SourceConnectionRow): Schedule | null {
  if (row.schedule_continuous === 1) return { continuous: true };
  return row.schedule_cron === null ? null : { cron: row.schedule_cron, timeZone: row.schedule_time_zone ?? "UTC" };
}
