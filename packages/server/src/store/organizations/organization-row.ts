import type { OrganizationId } from "../../domain/id.ts";
import type { Organization } from "../../domain/organization.ts";

export interface OrganizationRow {
  readonly id: OrganizationId;
  readonly name: string;
  readonly uid: string | null;
  readonly metadata: string;
  readonly rate_limit: number | null;
  readonly created_at: number;
  readonly modified_at: number;
}

export const organizationColumns = "id, name, uid, metadata, rate_limit, created_at, modified_at";

export function organizationIn(row: OrganizationRow): Organization {
  return {
    id: row.id,
    name: row.name,
    uid: row.uid,
    metadata: JSON.parse(row.metadata) as Organization["metadata"],
    rateLimit: row.rate_limit,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  };
}
