import type { ApiKeyId, OrganizationId } from "./id.ts";

export const scopes = ["read", "write", "secrets", "publish", "admin"] as const;

export type Scope = (typeof scopes)[number];

/** A key of one organization. The key itself is shown once; only its SHA-256 is stored. */
export interface ApiKey {
  readonly id: ApiKeyId;
  readonly organizationId: OrganizationId;
  readonly name: string;
  /** The first characters of the key, which distinguish it in a list. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  /** Until this time, the key before the last rotation is also accepted. Null means that it was rejected at once. */
  readonly overlapUntil: number | null;
}

/** The access that a call requires: a scope, or only an authenticated caller. */
export type Right = Scope | "any";

/** `admin` grants everything, in every organization. */
export function hasScope(granted: readonly Scope[], needed: Right): boolean {
  return needed === "any" || granted.includes(needed) || granted.includes("admin");
}
