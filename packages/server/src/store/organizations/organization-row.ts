import type { OrganizationId } from "../../domain/id.ts";
import type { Organization, UnknownEventTypes } from "../../domain/organization.ts";

export interface OrganizationRow {
  readonly id: OrganizationId;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string | null;
  readonly description: string | null;
  readonly namespace_uid: string | null;
  readonly metadata: string;
  readonly rate_limit: number | null;
  readonly unknown_event_types: UnknownEventTypes;
  readonly retention_days: number | null;
  readonly event_type_retention_days: string;
  readonly created_at: number;
  readonly modified_at: number;
}

export const organizationColumns = `id, name, namespace, uid, namespace_uid, description, metadata, rate_limit,
  unknown_event_types, retention_days, event_type_retention_days, created_at, modified_at`;

export function organizationIn(row: OrganizationRow): Organization {
  return {
    id: row.id,
    name: row.name,
    namespace: row.namespace,
    uid: row.uid ?? row.namespace_uid,
    description: row.description,
    metadata: JSON.parse(row.metadata) as Organization["metadata"],
    rateLimit: row.rate_limit,
    unknownEventTypes: row.unknown_event_types,
    retentionDays: row.retention_days,
    eventTypeRetentionDays: JSON.parse(row.event_type_retention_days) as Organization["eventTypeRetentionDays"],
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  };
}
