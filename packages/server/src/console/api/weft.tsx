import { createClient, type WeftClient } from "@weft/sdk";
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { portalToken } from "./credentials.ts";

export interface Api {
  readonly weft: WeftClient;
  /** The prefix of every key of the cache, so that data of one organization is never shown for another. */
  readonly scope: readonly [organizationId: string];
}

const ApiContext = createContext<Api | null>(null);

/** A client of the Weft that served this page. Operators pass the organization that they work in. */
export function clientFor(organizationId: string | undefined): WeftClient {
  return createClient({
    url: location.origin,
    apiKey: portalToken() ?? undefined,
    organizationId,
    headers: { "x-weft-console": "1" },
    // The cache repeats reads. Changes are never repeated without the user.
    retriesMax: 0,
  });
}

export function ApiProvider({ organizationId, children }: { organizationId: string; children: ReactNode }) {
  const api = useMemo<Api>(() => ({ weft: clientFor(organizationId), scope: [organizationId] }), [organizationId]);
  return <ApiContext.Provider value={api}>{children}</ApiContext.Provider>;
}

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (api === null) throw new Error("Pages stand inside an ApiProvider.");
  return api;
}
