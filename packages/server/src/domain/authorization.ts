import type { AuthorizationId, OrganizationId, SourceConnectionId } from "./id.ts";
import { limits } from "./limits.ts";

/** The OAuth client that Weft uses at a source's provider. */
export interface OAuthClient {
  readonly id: string;
  /** Null for a public client, which authenticates with PKCE alone. */
  readonly secret: string | null;
}

/** The tokens that a provider granted. They are stored encrypted, and only their expiry is ever shown. */
export interface OAuthTokens {
  readonly accessToken: string;
  /** Null when the access token cannot be renewed. */
  readonly refreshToken: string | null;
  /** When the access token expires (Unix ms); null when the provider does not say. */
  readonly expiresAt: number | null;
  /** The client that the tokens were granted to, if the connection has its own; null for the operator's client. */
  readonly client: OAuthClient | null;
}

/**
 * One authorization of a source connection in a browser: a redirect to the source's provider and back. The URL that begins it
 * works once and expires after some minutes; so does the provider's response.
 */
export interface Authorization {
  readonly id: AuthorizationId;
  readonly organizationId: OrganizationId;
  readonly sourceConnectionId: SourceConnectionId;
  /** The secret part of the URL that the browser opens first. */
  readonly code: string;
  /** The `state` parameter, which the provider returns. */
  readonly state: string;
  /** Proves, with PKCE, that the party that exchanges the provider's code also requested it. Source: RFC 7636. */
  readonly verifier: string;
  /** The connection's own client; null for the operator's. */
  readonly client: OAuthClient | null;
  /** Where the browser is redirected at the end; null shows the result on a page of Weft. */
  readonly redirectUrl: string | null;
  /** Whether the first sync starts when the authorization succeeds. */
  readonly syncImmediately: boolean;
  /** The SHA-256 of the claim token, in hexadecimal; null for an authorization without one. */
  readonly claimHash: string | null;
  readonly createdAt: number;
  /** When the URL expires. */
  readonly expiresAt: number;
}

/**
 * How far an authorization is, in the words of Airweave's API: `in_progress` from the provider's grant until the claim token is
 * presented, then `completed`.
 */
export type AuthorizationState = "pending" | "expired" | "failed" | "in_progress" | "completed";

export interface AuthorizationProgress {
  readonly usedAt: number | null;
  readonly grantedAt: number | null;
  readonly claimedAt: number | null;
  readonly expiresAt: number;
}

export function authorizationState(progress: AuthorizationProgress, now: number): AuthorizationState {
  if (progress.claimedAt !== null) return "completed";
  if (progress.grantedAt !== null) return "in_progress";
  if (progress.usedAt !== null) return "failed";
  return progress.expiresAt > now ? "pending" : "expired";
}

/** Whether an access token can be used at `now` (Unix ms). A token that can be renewed counts as expired a minute early. */
export function isUsable(
  tokens: Pick<OAuthTokens, "accessToken" | "refreshToken" | "expiresAt">,
  { refused, now }: { refused: string | null; now: number },
): boolean {
  if (tokens.accessToken === refused) return false;
  if (tokens.expiresAt === null) return true;
  const leftMs = tokens.expiresAt - now;
  return tokens.refreshToken === null ? leftMs > 0 : leftMs >= limits.tokenLeftMsMin;
}
