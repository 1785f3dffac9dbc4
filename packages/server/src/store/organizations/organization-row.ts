import type { OrganizationId } from "../../domain/id.ts";
import type { Organization, UnknownEventTypes } from "../../domain/organization.ts";

export interface OrganizationRow {
  readonly id: OrganizationId;
  readonly name: string;
  readonly uid: string | null;
  readonly metadata: string;
  readonly rate_limit: number | null;
  readonly unknown_event_types: UnknownEventTypes;
  readonly created_at: number;
  readonly modified_at: number;
}

export const organizationColumns = "id, name, uid, metadata, rate_limit, unknown_event_types, created_at, modified_at";

export function organizationIn(row: OrganizationRow): Organization {
  return {
    id: row.id,
    name: row.name,
    uid: row.uid,
    metadata: JSON.parse(row.metadata) as Organization["metadata"],
    rateLimit: row.rate_limit,
    unknownEventTypes: row.unknown_event_types,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  };
}
