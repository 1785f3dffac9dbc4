import { queryOptions, useQueryClient } from "@tanstack/react-query";
import type { Source } from "@weft/sdk";
import { type Api, useApi } from "./weft.tsx";

/** The sources that can be connected. They change only when Weft restarts. */
export function sourcesQuery({ weft, scope }: Api) {
  return queryOptions({
    queryKey: [...scope, "sources"],
    queryFn: ({ signal }): Promise<readonly Source[]> => weft.sources.listSources({ signal }),
    staleTime: 60_000,
  });
}

export function collectionQuery({ weft, scope }: Api, readableId: string) {
  return queryOptions({
    queryKey: [...scope, "collection", readableId],
    queryFn: ({ signal }) => weft.collections.getCollection(readableId, { signal }),
  });
}

// The maximum number of connections in a collection.
const connectionsMax = 1_000;

export function connectionsOfCollectionQuery({ weft, scope }: Api, readableId: string) {
  return queryOptions({
    queryKey: [...scope, "source-connections", { collection: readableId }],
    queryFn: async ({ signal }) => {
      const query = { limit: connectionsMax, collection: readableId };
      return (await weft.sourceConnections.listSourceConnections(query, { signal })).items;
    },
    refetchInterval: ({ state }) =>
      state.data?.some(({ status }) => status === "syncing") === true ? syncingPollMs : false,
  });
}

export function sourceConnectionQuery({ weft, scope }: Api, sourceConnectionId: string) {
  return queryOptions({
    queryKey: [...scope, "source-connection", sourceConnectionId],
    queryFn: ({ signal }) => weft.sourceConnections.getSourceConnection(sourceConnectionId, { signal }),
    refetchInterval: ({ state }) => (state.data?.status === "syncing" ? syncingPollMs : false),
  });
}

/** How often running syncs are refreshed, even when no event reports their progress. */
export const syncingPollMs = 1_000;

/** Invalidates all queries about collections, source connections and their syncs. */
export function useProducersChanged(): () => Promise<void> {
  const { scope } = useApi();
  const queryClient = useQueryClient();
  return async () => {
    const names = ["collections", "collection", "source-connections", "source-connection", "sync-jobs", "freshness"];
    await Promise.all(names.map((name) => queryClient.invalidateQueries({ queryKey: [...scope, name] })));
  };
}
