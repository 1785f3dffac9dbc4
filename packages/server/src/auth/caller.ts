import type { Scope } from "../domain/api-key.ts";
import type { Actor } from "../domain/audit-entry.ts";
import type { OrganizationId } from "../domain/id.ts";

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
  /** Null for any credential other than an application's own token. */
  readonly appToken: AppToken | null;
  /** Null for a caller who sent the key itself. */
  readonly session: Session | null;
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
    featureFlags: null,
    appToken: null,
    session: null,
    keyHash: null,
    expiresAt: null,
  };
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
