import type { OrganizationId } from "./id.ts";

/** Whether an organization accepts events whose type is not in the catalogue. */
export const unknownEventTypes = ["accept", "refuse"] as const;
export type UnknownEventTypes = (typeof unknownEventTypes)[number];

/** The tenant. */
export interface Organization {
  readonly id: OrganizationId;
  readonly name: string;
  /**
   * The namespace in which its uid is unique, and whose event types it has: the organization of the Svix token that created it. It
   * never changes.
   */
  readonly namespace: string;
  /** The operator's own id of the organization, unique in its namespace. */
  readonly uid: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** The agreed rate (deliveries per second); null without one. */
  readonly rateLimit: number | null;
  readonly unknownEventTypes: UnknownEventTypes;
  /** How long its messages are kept; null for the retention of the installation. */
  readonly retentionDays: number | null;
  /** Shorter times for its event types, by name. */
  readonly eventTypeRetentionDays: Readonly<Record<string, number>>;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** The namespace of organizations that were created in Weft's own API, or with one of its own tokens. */
export const defaultNamespace = "org_weft";

export type OrganizationChanges = Partial<
  Pick<
    Organization,
    | "name"
    | "uid"
    | "description"
    | "metadata"
    | "rateLimit"
    | "unknownEventTypes"
    | "retentionDays"
    | "eventTypeRetentionDays"
  >
>;

const newSettings: Required<OrganizationChanges> = {
  name: "",
  uid: null,
  description: null,
  metadata: {},
  rateLimit: null,
  unknownEventTypes: "refuse",
  retentionDays: null,
  eventTypeRetentionDays: {},
};

export function newOrganization(
  id: OrganizationId,
  now: number,
  given: OrganizationChanges & Partial<Pick<Organization, "namespace">> = {},
): Organization {
  return { id, namespace: defaultNamespace, ...newSettings, ...given, createdAt: now, modifiedAt: now };
}
