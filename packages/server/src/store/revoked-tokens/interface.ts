import type { OrganizationId } from "../../domain/id.ts";

/** Tokens of applications that were ended before their time. The store knows them only by names that they go under. */
export interface RevokedTokenStore {
  /** From `refusedFrom` on those are ended that go under one of the names and were issued up to `issuedUntil`. */
  revokeTokens(params: RevokedTokens & { now: number }): Promise<null>;
  /** Whether a token that goes under these names and was issued at this time (ms) is ended now. */
  isTokenRevoked(params: {
    organizationId: OrganizationId;
    names: readonly string[];
    issuedAt: number;
    now: number;
  }): Promise<boolean>;
  /** Forgets what is needed no longer at a time, `limit` at most. Answers how many. */
  forgetRevokedTokens(params: { now: number; limit: number }): Promise<number>;
}

/** Times are Unix ms. */
export interface RevokedTokens {
  readonly organizationId: OrganizationId;
  readonly names: readonly string[];
  readonly issuedUntil: number;
  readonly refusedFrom: number;
  /** When all of them have expired by themselves; null when nobody can tell. */
  readonly neededUntil: number | null;
}
