import type { OrganizationId, SourceConnectionId } from "../../domain/id.ts";
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
  store: Pick<Store, "readTokens" | "readSourceConnection">,
  { sources, requests }: ReturnParts,
  connections: { readonly organizationId: OrganizationId; readonly ids: readonly SourceConnectionId[] },
): Promise<() => void> {
  const grants: Grant[] = [];
  for (const sourceConnectionId of connections.ids) {
    const stored = await store.readTokens({ sourceConnectionId });
    if (stored === null) continue;
    const { organizationId } = connections;
    const connection = await store.readSourceConnection({ organizationId, sourceConnectionId });
    const source = connection === null ? null : sources.find(connection.source);
    if (connection?.authMethod !== "oauth_browser" || source?.oauth === undefined) continue;
    const client = stored.tokens.client ?? sources.clientFor(source);
    if (client === null) continue;
    const { refreshToken, accessToken } = stored.tokens;
    grants.push({
      side: { provider: source.oauth.provider(connection.config), client },
      token: refreshToken ?? accessToken,
    });
  }
  return () => {
    for (const { side, token } of grants) void requests.revoke(side, token);
  };
}
