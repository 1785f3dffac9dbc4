import type { OrganizationId } from "../../domain/id.ts";

/** Tokens of applications that were ended before their time. The store knows them only by names that they go under. */
export interface RevokedTokenStore {
  /** From `refusedFrom` on those are ended that go under one of the names and were issued up to `issuedUntil`. */
  endTokens(params: EndedTokens & { now: number }): Promise<null>;
  /** Whether a token that goes under these names and was issued at this time (ms) is ended now. */
  isTokenEnded(params: {
    organizationId: OrganizationId;
    names: readonly string[];
    issuedAt: number;
    now: number;
  }): Promise<boolean>;
  /** Forgets what is needed no longer at a time, `limit` at most. Answers how many. */
  forgetEndedTokens(params: { now: number; limit: number }): Promise<number>;
}

/** Times are Unix ms. */
export interface EndedTokens {
  readonly organizationId: OrganizationId;
  readonly names: readonly string[];
  readonly issuedUntil: number;
  readonly refusedFrom: number;
  /** When all of them have expired by themselves; null when nobody can tell. */
  readonly neededUntil: number | null;
}
