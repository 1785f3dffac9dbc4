import type { Scope } from "../domain/api-key.ts";
import type { Actor } from "../domain/audit-entry.ts";
import type { OrganizationId } from "../domain/id.ts";
import type { Organization } from "../domain/organization.ts";
import type { Person } from "../domain/person.ts";

/** The caller of a request: their organization and their rights. */
export interface Caller {
  readonly actor: Actor;
  readonly organizationId: OrganizationId;
  readonly scopes: readonly Scope[];
  /**
   * Whether the caller operates this installation: operators create organizations and may act in any of them. An admin key
   * makes its caller an operator only if it is from the settings or belongs to the first organization; elsewhere, admin covers
   * the key's own organization.
   */
  readonly isOperator: boolean;
  /** The feature flags that make event types visible; null for a caller who sees all types. */
  readonly featureFlags: readonly string[] | null;
  /**
   * The namespace that the credential is limited to: that of an organization's token other than the default one, or of an
   * application's token. Null for any other credential.
   */
  readonly namespace: string | null;
  /** Null for any credential other than an application's own token. */
  readonly appToken: AppToken | null;
  /** Null for a caller who sent the key itself. */
  readonly session: Session | null;
  /** The person who signed in at the identity provider; null for any other credential. */
  readonly person: Person | null;
  /** The organizations of a person with roles in single ones; empty for any other caller. */
  readonly memberships: readonly Membership[];
  /** SHA-256 of the caller's API key, or of the key that a session was made with; null without one. */
  readonly keyHash: string | null;
  /** When the credential expires (Unix ms); null when it never does. */
  readonly expiresAt: number | null;
}

/** The caller where no key is required, or whose credential is unknown. */
export function unknownCaller(organizationId: OrganizationId): Caller {
  return {
    actor: { kind: "anonymous", id: null, name: null, via: null },
    organizationId,
    scopes: [],
    isOperator: false,
    namespace: null,
    featureFlags: null,
    appToken: null,
    session: null,
    person: null,
    memberships: [],
    keyHash: null,
    expiresAt: null,
  };
}

/** Whether the caller operates the applications of one namespace: their token is for all of them. */
export function operatesNamespace({ namespace, appToken }: Caller): boolean {
  return namespace !== null && appToken === null;
}

/** Whether the caller may act in an organization. */
export function mayActIn(caller: Caller, { id, namespace }: Pick<Organization, "id" | "namespace">): boolean {
  if (caller.isOperator) return true;
  if (caller.namespace !== null && caller.namespace !== namespace) return false;
  return operatesNamespace(caller) || caller.organizationId === id;
}

/** The rights of a person in one organization. */
export interface Membership {
  readonly organizationId: OrganizationId;
  readonly scopes: readonly Scope[];
}

/** A browser session, or a link to the console, with the data that revoking it needs. Times are Unix ms. */
export interface Session {
  /** The name under which it can be revoked, in this organization. */
  readonly name: string;
  readonly organizationId: OrganizationId;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** An application's own token, with the further rights that some routes require. Times are Unix ms. */
export interface AppToken {
  readonly capabilities: readonly string[];
  /** The unique name under which this token can be revoked. */
  readonly name: string;
  readonly issuedAt: number;
  /** Null when it never expires. */
  readonly expiresAt: number | null;
}
