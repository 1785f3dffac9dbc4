import { queryOptions } from "@tanstack/react-query";
import type { EventType } from "@weft/sdk";
import type { Api } from "./weft.tsx";

/** The catalogue. It seldom changes. */
export function eventTypesQuery({ weft, scope }: Api) {
  return queryOptions({
    queryKey: [...scope, "event-types"],
    queryFn: ({ signal }): Promise<readonly EventType[]> =>
      Array.fromAsync(weft.webhooks.eachEventType({ limit: 250 }, { signal })),
    staleTime: 60_000,
  });
}
