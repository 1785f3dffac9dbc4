import type { OrganizationId } from "./id.ts";

/** The tenant. */
export interface Organization {
  readonly id: OrganizationId;
  readonly name: string;
  /** The operator's own id of the organization, unique in the installation. */
  readonly uid: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** The agreed rate (deliveries per second); null without one. */
  readonly rateLimit: number | null;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export type OrganizationChanges = Partial<Pick<Organization, "name" | "uid" | "metadata" | "rateLimit">>;

export function newOrganization(id: OrganizationId, now: number, given: OrganizationChanges = {}): Organization {
  return { id, name: "", uid: null, metadata: {}, rateLimit: null, ...given, createdAt: now, modifiedAt: now };
}
