import { queryOptions } from "@tanstack/react-query";
import type { EventType } from "@weft/sdk";
import type { Api } from "./weft.tsx";

/** The catalogue. It seldom changes. */
export function eventTypesQuery({ weft, scope }: Api) {
  return queryOptions({
    queryKey: [...scope, "event-types"],
    queryFn: ({ signal }): Promise<readonly EventType[]> => weft.webhooks.listEventTypes({ signal }),
    staleTime: 60_000,
  });
}
