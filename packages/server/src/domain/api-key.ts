import type { ApiKeyId, OrganizationId } from "./id.ts";

export const scopes = ["read", "write", "subscribe", "secrets", "publish", "admin"] as const;

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
  /** When it was last replaced by a rotation; null if it never was. */
  readonly rotatedAt: number | null;
  readonly expiresAt: number | null;
  /** Until this time, the key before the last rotation is also accepted. Null means that it was rejected at once. */
  readonly overlapUntil: number | null;
  /** The time of the last request with this key, accurate to a minute. Null before the first one. */
  readonly lastUsedAt: number | null;
}

/** The access that a call requires: a scope, or only an authenticated caller. */
export type Right = Scope | "any";

/** `admin` grants everything, in every organization, and `write` includes the subscriptions of agents. */
export function hasScope(granted: readonly Scope[], needed: Right): boolean {
  if (needed === "any" || granted.includes(needed) || granted.includes("admin")) return true;
  return needed === "subscribe" && granted.includes("write");
}
