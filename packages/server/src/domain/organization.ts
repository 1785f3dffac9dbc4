import type { OrganizationId } from "./id.ts";

/** Whether an organization accepts events whose type is not in the catalogue. */
export const unknownEventTypes = ["accept", "refuse"] as const;
export type UnknownEventTypes = (typeof unknownEventTypes)[number];

/** The tenant. */
export interface Organization {
  readonly id: OrganizationId;
  readonly name: string;
  /** The operator's own id of the organization, unique in the installation. */
  readonly uid: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** The agreed rate (deliveries per second); null without one. */
  readonly rateLimit: number | null;
  readonly unknownEventTypes: UnknownEventTypes;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export type OrganizationChanges = Partial<
  Pick<Organization, "name" | "uid" | "metadata" | "rateLimit" | "unknownEventTypes">
>;

export function newOrganization(id: OrganizationId, now: number, given: OrganizationChanges = {}): Organization {
  const defaults = { name: "", uid: null, metadata: {}, rateLimit: null, unknownEventTypes: "refuse" } as const;
  return { id, ...defaults, ...given, createdAt: now, modifiedAt: now };
}
