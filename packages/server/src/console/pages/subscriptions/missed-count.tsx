import { useQuery } from "@tanstack/react-query";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { type TimeWindow, windowQuery } from "../../time-window.ts";
import { formatCount } from "../../ui/format.ts";
import { Notice, Problem } from "../../ui/notice.tsx";

/** The number of deliveries that a recovery would make due; loaded when the window changes, not every second. */
export function useMissed(subscriptionId: string, window: TimeWindow) {
  const { weft, scope } = useApi();
  return useQuery({
    queryKey: [...scope, "missed", subscriptionId, window],
    queryFn: ({ signal }) => {
      const { since, until } = windowQuery(window, Date.now());
      if (since === undefined) return { deliveries: 0, is_exact: true };
      return weft.webhooks.previewRecovery(subscriptionId, { since, until }, { signal });
    },
    staleTime: 0,
  });
}

export function MissedCount({ subscriptionId, window }: { subscriptionId: string; window: TimeWindow }) {
  const { data, error } = useMissed(subscriptionId, window);
  const { recovery } = texts.subscriptions;
  if (error !== null) return <Problem error={error} />;
  if (data === undefined) return <Notice>{recovery.counting}</Notice>;
  if (data.deliveries === 0) return <Notice>{recovery.countNone}</Notice>;
  const count = formatCount(data.deliveries);
  return <Notice>{data.is_exact ? recovery.count(count) : recovery.countAtLeast(count)}</Notice>;
}
