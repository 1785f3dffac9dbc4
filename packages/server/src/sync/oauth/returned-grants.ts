import type { OrganizationId, SourceConnectionId } from "../../domain/id.ts";
import type { SourceConnectionKey } from "../../store/source-connections/interface.ts";
import type { Store } from "../../store/store.ts";
import type { SourceList } from "../source-list.ts";
import type { ProviderSide, TokenRequests } from "./provider.ts";

export interface ReturnParts {
  readonly sources: SourceList;
  readonly requests: Pick<TokenRequests, "revoke">;
}

interface Grant {
  readonly side: ProviderSide;
  readonly token: string;
}

/**
 * The grants of connections that are about to be deleted. Returns a function that revokes them, to be called after the
 * deletion. It does not wait for responses; a failed revocation is left to the owner of the grant. Tokens that a caller
 * provided are not revoked.
 */
export async function grantsOf(
  store: GrantStore,
  parts: ReturnParts,
  connections: { readonly organizationId: OrganizationId; readonly ids: readonly SourceConnectionId[] },
): Promise<() => void> {
  const grants: Grant[] = [];
  for (const sourceConnectionId of connections.ids) {
    const key = { organizationId: connections.organizationId, sourceConnectionId };
    // A grant that cannot be decrypted, for example under a lost master key, cannot be revoked, and must still be deleted.
    const grant = await grantOf(store, parts, key).catch(() => null);
    if (grant !== null) grants.push(grant);
  }
  return () => {
    for (const { side, token } of grants) void parts.requests.revoke(side, token);
  };
}

async function grantOf(store: GrantStore, { sources }: ReturnParts, key: SourceConnectionKey): Promise<Grant | null> {
  const stored = await store.readTokens(key);
  const connection = stored === null ? null : await store.readSourceConnection(key);
  if (stored === null || connection?.authMethod !== "oauth_browser") return null;
  const source = sources.find(connection.source);
  const client = source === null ? null : (stored.tokens.client ?? sources.clientFor(source, connection.config));
  if (source?.oauth === undefined || client === null) return null;
  const side = { provider: source.oauth.provider(connection.config), client, owner: key.organizationId };
  return { side, token: stored.tokens.refreshToken ?? stored.tokens.accessToken };
}

type GrantStore = Pick<Store, "readTokens" | "readSourceConnection">;
