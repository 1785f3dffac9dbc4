import type { ApiKeyId, OrganizationId } from "./id.ts";

export const scopes = ["read", "write", "secrets", "publish", "admin"] as const;
export type Scope = (typeof scopes)[number];

/** The tenant. */
export interface Organization {
  readonly id: OrganizationId;
  readonly name: string;
  /** The operator's own id of it, unlike any other's. */
  readonly uid: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Deliveries a second that were agreed on; null for none. */
  readonly rateLimit: number | null;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export type OrganizationChanges = Partial<Pick<Organization, "name" | "uid" | "metadata" | "rateLimit">>;

export function newOrganization(id: OrganizationId, now: number, given: OrganizationChanges = {}): Organization {
  return { id, name: "", uid: null, metadata: {}, rateLimit: null, ...given, createdAt: now, modifiedAt: now };
}

/** A key to one organization. The key itself is shown once; only its SHA-256 is kept. */
export interface ApiKey {
  readonly id: ApiKeyId;
  readonly organizationId: OrganizationId;
  readonly name: string;
  /** The first characters of the key, to tell one from another in a list. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  /** Until when the key before the last rotation is taken as well; null when it was refused at once. */
  readonly overlapUntil: number | null;
}

/** What a call may need: a scope, or no more than that its caller is known. */
export type Right = Scope | "any";

/** `admin` grants everything, in every organization. */
export function hasScope(granted: readonly Scope[], needed: Right): boolean {
  return needed === "any" || granted.includes(needed) || granted.includes("admin");
}
