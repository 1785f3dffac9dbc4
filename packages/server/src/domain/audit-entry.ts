import type { AuditEntryId, OrganizationId } from "./id.ts";

export const actorKinds = ["api_key", "admin_key", "organization_token", "application_token", "anybody"] as const;

/** What stands between a caller and the key that lets him in: a browser's session, or a link to the console. */
export const actorWays = ["session", "portal"] as const;

/** Who did something, as far as Weft can know. */
export interface Actor {
  /** `admin_key` is the operator's own, from the settings; `anybody` may do everything where no key is asked for. */
  readonly kind: (typeof actorKinds)[number];
  /** Of the API key, or the name under which a token can be ended. */
  readonly id: string | null;
  /** What the API key is called. */
  readonly name: string | null;
  /** Null when he came with the credential itself. */
  readonly via: (typeof actorWays)[number] | null;
}

/**
 * What an entry records. Of `change` each call has an entry of its own; the others are counted, so that no caller can fill
 * the log: a `replay` is a call that got the response of an earlier one, `sign_in_failed` a call with a wrong credential,
 * `refused` a call without the right, `secret_read` a response with a secret.
 */
export const auditKinds = ["change", "replay", "sign_in", "sign_in_failed", "refused", "secret_read"] as const;
export type AuditKind = (typeof auditKinds)[number];

/**
 * A call that the log keeps. A change is on record before it is made, and a secret before it is shown, so that no crash
 * leaves one without its entry.
 */
export interface AuditEntry {
  readonly id: AuditEntryId;
  readonly kind: AuditKind;
  /** Calls that it stands for. */
  readonly count: number;
  /** In which the caller worked. */
  readonly organizationId: OrganizationId;
  readonly actor: Actor;
  /** The address that the request came from; null when the connection was gone already. */
  readonly address: string | null;
  /** What a proxy in between says of where it came from: anybody can say that. */
  readonly forwardedFor: string | null;
  /** The operation's name in the document of its API. */
  readonly operation: string;
  readonly method: string;
  /** With the ids that it named, without its query. */
  readonly path: string;
  /** Fields that the request gave. Their values may be secrets, and are not kept. */
  readonly fields: readonly string[];
  readonly requestId: string;
  /** When the call was made, or the first of them. */
  readonly createdAt: number;
  /** When the last of them was made; null for a single call. */
  readonly lastAt: number | null;
  /** The answer's HTTP status; null while it is under way, and when the process ended before it was known. */
  readonly status: number | null;
}
