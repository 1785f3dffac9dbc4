import { type Scope, scopes } from "./api-key.ts";
import { type OrganizationId, parseUuid } from "./id.ts";

/** The roles of people. Each is a bundle of scopes. */
export const roles = ["viewer", "support", "developer", "admin"] as const;
export type Role = (typeof roles)[number];

const scopesByRole: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ["read"],
  support: ["read", "write"],
  developer: ["read", "write", "subscribe", "secrets", "publish"],
  admin: scopes,
};

export function scopesOf(role: Role): readonly Scope[] {
  return scopesByRole[role];
}

/** A role that the members of a group have. */
export interface RoleMapping {
  /** A value of the claim that lists a person's groups. */
  readonly group: string;
  readonly role: Role;
  /** `first` is the first organization, and `all` makes the members operators. */
  readonly organization: OrganizationId | "first" | "all";
}

/** Reads `GROUP=ROLE`, `GROUP=ROLE@ORGANIZATION` or `GROUP=ROLE@*`; null for any other text. */
export function roleMappingIn(text: string): RoleMapping | null {
  const [, group = "", name = "", place] = /^(.+)=([a-z]+)(?:@([^@=]+))?$/.exec(text) ?? [];
  const role = roles.find((known) => known === name.trim());
  const organization = place === undefined ? "first" : place === "*" ? "all" : parseUuid<"organization">(place);
  return role === undefined || organization === null ? null : { group: group.trim(), role, organization };
}

/** The text that `roleMappingIn` reads. */
export function roleMappingText({ group, role, organization }: RoleMapping): string {
  if (organization === "first") return `${group}=${role}`;
  return `${group}=${role}@${organization === "all" ? "*" : organization}`;
}

/** The scopes of several roles together. */
export function scopesOfAll(held: readonly Role[]): readonly Scope[] {
  const granted = new Set(held.flatMap(scopesOf));
  return scopes.filter((scope) => granted.has(scope));
}
