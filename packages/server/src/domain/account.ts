import type { ApiKeyId, OrganizationId } from "./id.ts";

export const scopes = ["read", "write", "secrets", "publish", "admin"] as const;
export type Scope = (typeof scopes)[number];

/** The tenant. */
export interface Organization {
  readonly id: OrganizationId;
  readonly name: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
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
}

/** `admin` grants everything, in every organization. */
export function hasScope(granted: readonly Scope[], needed: Scope): boolean {
  return granted.includes(needed) || granted.includes("admin");
}
