import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { windowQuery } from "../../time-window.ts";
import { AttemptPlots } from "../../ui/attempt-plots.tsx";
import { Select } from "../../ui/field.tsx";
import { Problem } from "../../ui/notice.tsx";
import { Line, Stack } from "../../ui/page.tsx";

const windows = ["1h", "24h", "7d", "30d"] as const;

/** The attempts of one endpoint over time. */
export function StatisticsTab({ subscriptionId }: { subscriptionId: string }) {
  const { weft, scope } = useApi();
  const search = useSearch({ from: "/subscriptions/$subscriptionId" });
  const navigate = useNavigate({ from: "/subscriptions/$subscriptionId" });
  const window = windows.find((known) => known === search.window) ?? "24h";
  const { data, error, refetch } = useQuery({
    queryKey: [...scope, "attempts", subscriptionId, "statistics", window],
    queryFn: ({ signal }) =>
      weft.webhooks.getSubscriptionStats(subscriptionId, windowQuery({ since: window }, Date.now()), { signal }),
    placeholderData: keepPreviousData,
  });
  const { times } = texts;
  return (
    <Stack>
      <Line>
        <Select
          label={texts.subscriptions.statistics.window}
          hideLabel
          value={window}
          onChange={(next) =>
            void navigate({ search: (before) => ({ ...before, window: next }), replace: true, resetScroll: false })
          }
          options={[
            { value: "1h", label: times.hour },
            { value: "24h", label: times.day },
            { value: "7d", label: times.week },
            { value: "30d", label: times.month },
          ]}
        />
      </Line>
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      <AttemptPlots
        stats={data}
        linkTo={({ statusClass, since, until }) => ({
          to: "/subscriptions/$subscriptionId",
          params: { subscriptionId },
          search: { tab: "attempts", status_class: statusClass, since, until },
        })}
      />
    </Stack>
  );
}
