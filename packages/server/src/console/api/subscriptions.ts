import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { type Api, useApi } from "./weft.tsx";

export function subscriptionQuery({ weft, scope }: Api, subscriptionId: string) {
  return queryOptions({
    queryKey: [...scope, "subscription", subscriptionId],
    queryFn: ({ signal }) => weft.webhooks.getSubscription(subscriptionId, {}, { signal }),
  });
}

/** Invalidates all queries about subscriptions. */
export function useSubscriptionsChanged(): () => Promise<void> {
  const { scope } = useApi();
  const queryClient = useQueryClient();
  return async () => {
    await Promise.all(
      ["subscription", "subscriptions", "overview"].map((name) =>
        queryClient.invalidateQueries({ queryKey: [...scope, name] }),
      ),
    );
  };
}
