import type { AuthorizationId, OrganizationId, SourceConnectionId } from "./id.ts";
import { limits } from "./limits.ts";

/** What a source's provider knows Weft by. */
export interface OAuthClient {
  readonly id: string;
  /** Null for a public client, which proves itself by PKCE alone. */
  readonly secret: string | null;
}

/** What a provider granted. All of it is stored encrypted and none of it ever shown but the time. */
export interface OAuthTokens {
  readonly accessToken: string;
  /** Null: the access token is all there is, and nothing comes after it. */
  readonly refreshToken: string | null;
  /** When the access token ends (Unix ms); null when nobody said. */
  readonly expiresAt: number | null;
  /** The client that they were granted to, where the connection brought one; null: the operator's. */
  readonly client: OAuthClient | null;
}

/**
 * One trip of a browser to a source's provider and back, which authenticates a source connection. The URL that begins it
 * works once and for some minutes; so does the provider's answer.
 */
export interface Authorization {
  readonly id: AuthorizationId;
  readonly organizationId: OrganizationId;
  readonly sourceConnectionId: SourceConnectionId;
  /** Ends the URL that the browser is sent to first. */
  readonly code: string;
  /** Goes to the provider and comes back with its answer. */
  readonly state: string;
  /** Proves, with PKCE, that whoever exchanges the provider's code is who asked for it. Source: RFC 7636. */
  readonly verifier: string;
  /** The client that the connection brings; null: the operator's. */
  readonly client: OAuthClient | null;
  /** Where the browser goes in the end; null: it is told here. */
  readonly redirectUrl: string | null;
  /** Whether the first sync begins when it is done. */
  readonly syncImmediately: boolean;
  readonly createdAt: number;
  /** Until when the URL can be opened. */
  readonly expiresAt: number;
}

/** Whether an access token can be used at `now` (Unix ms). One that can be renewed is so a minute before it ends. */
export function isUsable(
  tokens: Pick<OAuthTokens, "accessToken" | "refreshToken" | "expiresAt">,
  { refused, now }: { refused: string | null; now: number },
): boolean {
  if (tokens.accessToken === refused) return false;
  if (tokens.expiresAt === null) return true;
  const leftMs = tokens.expiresAt - now;
  return tokens.refreshToken === null ? leftMs > 0 : leftMs >= limits.tokenLeftMsMin;
}
