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
 * What providers granted to connections that are about to go. Answers a function that gives it back, to be called once
 * they are gone; it waits for no answer, and what a provider does not take back then is left for its owner to revoke.
 * Tokens that a caller gave are the caller's, and stay.
 */
export async function grantsOf(
  store: GrantStore,
  parts: ReturnParts,
  connections: { readonly organizationId: OrganizationId; readonly ids: readonly SourceConnectionId[] },
): Promise<() => void> {
  const grants: Grant[] = [];
  for (const sourceConnectionId of connections.ids) {
    const key = { organizationId: connections.organizationId, sourceConnectionId };
    // What cannot be read, such as under a lost master key, cannot be given back, and must still be deleted.
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
