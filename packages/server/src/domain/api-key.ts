import type { ApiKeyId, OrganizationId } from "./id.ts";

export const scopes = ["read", "write", "secrets", "publish", "admin"] as const;

export type Scope = (typeof scopes)[number];

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
