import type { Authorization, AuthorizationProgress, OAuthTokens } from "../../domain/authorization.ts";
import type { AuthorizationId, SourceConnectionId, SyncId, SyncJobId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { PendingJob } from "../../domain/sync-job.ts";
import type { SourceConnectionKey } from "../source-connections/interface.ts";

/**
 * OAuth authorizations and tokens of source connections. The credentials of a connection have a version that every
 * change raises; a command that replaces them names the version that it replaces.
 */
export interface AuthorizationStore {
  /** Stores an authorization and replaces any earlier one of its connection. False if there is no such connection. */
  beginAuthorization(params: { authorization: Authorization }): Promise<boolean>;
  /**
   * Opens the authorization with this code, once, until it expires. From then on the provider's response is accepted
   * until `until`. Only one of concurrent callers gets it.
   */
  openAuthorization(params: { code: string; now: number; until: number }): Promise<AuthorizationFound>;
  /**
   * Takes the authorization that was opened with this state, once, until it expires. Only one of concurrent callers gets it.
   */
  takeAuthorization(params: { state: string; now: number }): Promise<AuthorizationFound>;
  /**
   * Stores the tokens of a taken authorization with the messages that announce them, and a sync if the connection has
   * none. The first job begins, with its messages, unless a job is already unfinished. Returns false and stores nothing
   * if another authorization replaced this one or the connection is gone.
   */
  completeAuthorization(params: {
    authorizationId: AuthorizationId;
    sourceConnectionId: SourceConnectionId;
    tokens: OAuthTokens;
    syncId: SyncId;
    now: number;
    announce: readonly Message[];
    first: FirstJob | null;
  }): Promise<boolean>;
  /** Returns the newest authorization of a connection, used or not; null if it has none. */
  readAuthorization(params: SourceConnectionKey): Promise<StoredAuthorization | null>;
  /**
   * Records that the claim token of a granted authorization was presented, once. The first job begins, with its messages, unless
   * a job is already unfinished. False if it was presented before, or another authorization replaced this one.
   */
  claimAuthorization(params: {
    authorizationId: AuthorizationId;
    sourceConnectionId: SourceConnectionId;
    now: number;
    first: FirstJob | null;
  }): Promise<boolean>;
  /** Deletes authorizations from before a time, used or not, at most `limit`. Returns how many were deleted. */
  deleteAuthorizationsBefore(params: { before: number; limit: number }): Promise<number>;

  /**
   * Returns the tokens that a job runs with, of any tenant; null if there are none. Throws if they cannot be decrypted.
   */
  readTokens(params: { sourceConnectionId: SourceConnectionId }): Promise<StoredTokens | null>;
  /**
   * Gives one job the exclusive right to renew these tokens until a time. False if another job has that right, or these
   * are no longer the connection's tokens.
   */
  claimRenewal(params: RenewalKey & { jobId: SyncJobId; now: number; until: number }): Promise<boolean>;
  /**
   * Replaces these tokens with new ones. Returns false and stores nothing if they are no longer the connection's
   * tokens.
   */
  renewTokens(params: RenewalKey & { tokens: OAuthTokens; now: number }): Promise<boolean>;
  /** Records that the provider no longer accepts these tokens. False if they are no longer the connection's tokens. */
  refuseTokens(params: RenewalKey & { now: number }): Promise<boolean>;
}

/** The first job of a connection, with the messages that announce it. */
export interface FirstJob {
  readonly job: PendingJob;
  readonly announce: readonly Message[];
}

export interface StoredAuthorization {
  readonly authorization: Authorization;
  readonly progress: AuthorizationProgress;
}

export type AuthorizationFound =
  | { readonly kind: "found"; readonly authorization: Authorization }
  | { readonly kind: "unknown" | "expired" | "used" };

export interface RenewalKey {
  readonly sourceConnectionId: SourceConnectionId;
  /** The version of the tokens. */
  readonly version: number;
}

export interface StoredTokens {
  readonly tokens: OAuthTokens;
  readonly version: number;
  readonly needsReauth: boolean;
}
