import type { AuditEntryId, OrganizationId } from "./id.ts";

export const actorKinds = [
  "api_key",
  "admin_key",
  "organization_token",
  "application_token",
  "person",
  "anonymous",
] as const;

/** How the credential was presented when the caller did not send it directly: a browser session, or a link to the console. */
export const actorWays = ["session", "portal"] as const;

/** The caller of an operation, if it is known. */
export interface Actor {
  /** `admin_key` is the operator's own key, from the settings or the data folder. `anonymous` is a caller of an installation that requires no key. */
  readonly kind: (typeof actorKinds)[number];
  /** The id of the API key, the name under which a token can be revoked, or the identity provider's id of a person. */
  readonly id: string | null;
  /** The name of the API key or the person; `data folder` for the key that a running Weft stores there. */
  readonly name: string | null;
  /** Null when the caller sent the credential itself. */
  readonly via: (typeof actorWays)[number] | null;
}

/**
 * The kind of an entry. Each call that is a `change` has its own entry. The others are counted, so that no caller can fill the
 * log: a `replay` returned the response of an earlier call, `sign_in_failed` had a wrong credential, `refused` lacked a right,
 * and `secret_read` returned a secret.
 */
export const auditKinds = ["change", "replay", "sign_in", "sign_in_failed", "refused", "secret_read"] as const;
export type AuditKind = (typeof auditKinds)[number];

/**
 * A call that the log records. A change is recorded before it is made, and a secret before it is shown, so that a crash cannot
 * leave either without its entry.
 */
export interface AuditEntry {
  readonly id: AuditEntryId;
  readonly kind: AuditKind;
  /** The number of calls that the entry counts. */
  readonly count: number;
  /** The organization in which the caller acted. */
  readonly organizationId: OrganizationId;
  readonly actor: Actor;
  /** The address that the request came from; null when the connection was already closed. */
  readonly address: string | null;
  /** The client address that a proxy reported. Any client can forge it. */
  readonly forwardedFor: string | null;
  /** The operation id in the API's OpenAPI document. */
  readonly operation: string;
  readonly method: string;
  /** The path with its ids, without the query. */
  readonly path: string;
  /** The names of the fields in the request. Their values may be secrets and are not stored. */
  readonly fields: readonly string[];
  readonly requestId: string;
  /** When the call, or the first of several, was made. */
  readonly createdAt: number;
  /** When the last of several calls was made; null for a single call. */
  readonly lastAt: number | null;
  /** The HTTP status of the response; null while the call is running, and when the process ended before the response. */
  readonly status: number | null;
}
