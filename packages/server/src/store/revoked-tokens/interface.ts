import type { OrganizationId } from "../../domain/id.ts";

/**
 * Tokens of applications that were revoked before they expired. The store knows tokens only by names that they share.
 */
export interface RevokedTokenStore {
  /** Revokes, from `refusedFrom` on, all tokens with one of the names that were issued up to `issuedUntil`. */
  revokeTokens(params: RevokedTokens & { now: number }): Promise<null>;
  /** Returns whether a token with these names that was issued at this time (ms) is revoked now. */
  isTokenRevoked(params: {
    organizationId: OrganizationId;
    names: readonly string[];
    issuedAt: number;
    now: number;
  }): Promise<boolean>;
  /** Deletes revocations that are no longer needed at a time, at most `limit`. Returns how many were deleted. */
  forgetRevokedTokens(params: { now: number; limit: number }): Promise<number>;
}

/** Times are Unix ms. */
export interface RevokedTokens {
  readonly organizationId: OrganizationId;
  readonly names: readonly string[];
  readonly issuedUntil: number;
  readonly refusedFrom: number;
  /** When all of these tokens have expired; null if that is unknown. */
  readonly neededUntil: number | null;
}
