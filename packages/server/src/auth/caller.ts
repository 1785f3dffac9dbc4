import type { Scope } from "../domain/api-key.ts";
import type { Actor } from "../domain/audit-entry.ts";
import type { OrganizationId } from "../domain/id.ts";

/** Who asks: which organization's things he sees, and what he may do with them. */
export interface Caller {
  readonly actor: Actor;
  readonly organizationId: OrganizationId;
  readonly scopes: readonly Scope[];
  /**
   * Whether he runs this installation: he makes organizations and may work in any of them. An admin key does so only if
   * the operator gave it, or it belongs to the first organization; elsewhere admin means the key's own organization.
   */
  readonly isOperator: boolean;
  /** Flags by which event types are shown; null for a caller who sees all of them. */
  readonly featureFlags: readonly string[] | null;
  /** Null for one who came with anything else than an application's own token. */
  readonly appToken: AppToken | null;
  /** Null for one who came with his key itself. */
  readonly session: Session | null;
  /** SHA-256 of the API key that he came with, or that stands behind his session; null without one. */
  readonly keyHash: string | null;
  /** When what he came with expires (Unix ms); null when it never does. */
  readonly expiresAt: number | null;
}

/** Whoever calls where nobody is asked for a key, or who is known by nothing. */
export function unknownCaller(organizationId: OrganizationId): Caller {
  return {
    actor: { kind: "anybody", id: null, name: null, via: null },
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

/** A browser's session, or a link to the console, as far as it can be ended. Times are Unix ms. */
export interface Session {
  /** What it goes under where tokens are ended, in this organization. */
  readonly name: string;
  readonly organizationId: OrganizationId;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** An application's own token, as far as routes ask for more of it than its scopes. Times are Unix ms. */
export interface AppToken {
  readonly capabilities: readonly string[];
  /** What it goes under where tokens are ended, and no other does. */
  readonly name: string;
  readonly issuedAt: number;
  /** Null when it never expires. */
  readonly expiresAt: number | null;
}
