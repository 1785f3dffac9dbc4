import type { Authorization, OAuthTokens } from "../../domain/authorization.ts";
import type { AuthorizationId, SourceConnectionId, SyncId, SyncJobId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { PendingJob } from "../../domain/sync-job.ts";

/**
 * How source connections come to the tokens of their providers. A connection's credentials have a version, which every
 * change of them raises: what is written over them names the version that it replaces.
 */
export interface AuthorizationStore {
  /** Stores an authorization in place of those that its connection had. False when there is no such connection. */
  beginAuthorization(params: { authorization: Authorization }): Promise<boolean>;
  /**
   * Opens the authorization with this code, once, while its time lasts; from then on the provider's answer is awaited
   * `until`. Of those who ask at the same time one gets it.
   */
  openAuthorization(params: { code: string; now: number; until: number }): Promise<AuthorizationFound>;
  /** Takes the authorization that was opened with this state, once, while it is awaited. One gets it, as above. */
  takeAuthorization(params: { state: string; now: number }): Promise<AuthorizationFound>;
  /**
   * Gives a connection what an authorization that was taken brought, with its message, and a sync to one that has none.
   * The job begins, with its message, unless one is under way. False when the authorization has been replaced by another
   * since, or the connection is gone: then nothing is stored.
   */
  completeAuthorization(params: {
    authorizationId: AuthorizationId;
    sourceConnectionId: SourceConnectionId;
    tokens: OAuthTokens;
    syncId: SyncId;
    now: number;
    announce: readonly Message[];
    first: { readonly job: PendingJob; readonly announce: readonly Message[] } | null;
  }): Promise<boolean>;
  /** Forgets authorizations made before a time, used or not, at most `limit`. Answers how many. */
  deleteAuthorizationsBefore(params: { before: number; limit: number }): Promise<number>;

  /** The tokens that a job runs with, of any tenant. Null when there are none. Throws when they cannot be decrypted. */
  readTokens(params: { sourceConnectionId: SourceConnectionId }): Promise<StoredTokens | null>;
  /**
   * Lets a job alone renew these tokens until a time. False when another job has that right still, or when they are not
   * the connection's tokens any more.
   */
  claimRenewal(params: RenewalKey & { jobId: SyncJobId; now: number; until: number }): Promise<boolean>;
  /** Replaces these tokens by their successors. False, and nothing is stored, when they are not the connection's any more. */
  renewTokens(params: RenewalKey & { tokens: OAuthTokens; now: number }): Promise<boolean>;
  /** Notes that the provider takes these tokens no more. False as above. */
  refuseTokens(params: RenewalKey & { now: number }): Promise<boolean>;
}

export type AuthorizationFound =
  | { readonly kind: "found"; readonly authorization: Authorization }
  | { readonly kind: "unknown" | "expired" | "used" };

export interface RenewalKey {
  readonly sourceConnectionId: SourceConnectionId;
  /** Of the tokens that are meant. */
  readonly version: number;
}

export interface StoredTokens {
  readonly tokens: OAuthTokens;
  readonly version: number;
  readonly needsReauth: boolean;
}
