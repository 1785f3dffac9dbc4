import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Backlog } from "@weft/sdk";
import { useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { windowQuery } from "../../time-window.ts";
import { AttemptPlots } from "../../ui/attempt-plots.tsx";
import { Figure, Figures } from "../../ui/card.tsx";
import { Filters, Select } from "../../ui/field.tsx";
import { formatAbout, formatCount } from "../../ui/format.ts";
import { Problem } from "../../ui/notice.tsx";
import { Columns, Page } from "../../ui/page.tsx";
import { TimeElapsed } from "../../ui/time.tsx";
import { EventTypeFilter } from "../event-types/event-type-filter.tsx";
import { Attention } from "./attention.tsx";
import { FailedMessages } from "./failed-messages.tsx";
import { Checklist } from "./onboarding/checklist.tsx";
import { useOnboarding } from "./onboarding/use-onboarding.ts";
import { RunningTasks } from "./running-tasks.tsx";

const windows = ["1h", "24h", "7d", "30d"] as const;
// The window of the plots moves with the time, even without events.
const refreshMs = 15_000;
const rateMinutes = 5;

/** Whether and how quickly deliveries arrive, and the reasons if they do not. */
export function OverviewPage() {
  const { weft, scope } = useApi();
  const isPortal = useSession().via === "portal";
  const onboarding = useOnboarding();
  const search = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const window = windows.find((known) => known === search.window) ?? "1h";
  const stats = useQuery({
    queryKey: [...scope, "overview", "stats", window],
    queryFn: ({ signal }) => weft.webhooks.getStats(windowQuery({ since: window }, Date.now()), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
  });
  const backlog = useQuery({
    queryKey: [...scope, "overview", "backlog"],
    queryFn: ({ signal }) => weft.webhooks.getBacklog({ signal }),
    refetchInterval: refreshMs,
  });
  const error = stats.error ?? backlog.error;
  const { times } = texts;
  return (
    <Page
      title={texts.frame.pages.overview}
      lead={texts.overview.lead}
      actions={
        <Select
          label={texts.overview.window}
          hideLabel
          value={window}
          onChange={(next) => void navigate({ search: (before) => ({ ...before, window: next }), replace: true })}
          options={[
            { value: "1h", label: times.hour },
            { value: "24h", label: times.day },
            { value: "7d", label: times.week },
            { value: "30d", label: times.month },
          ]}
        />
      }
    >
      {error !== null && (
        <Problem error={error} onRetry={() => void Promise.all([stats.refetch(), backlog.refetch()])} />
      )}
      {onboarding !== "unknown" && (
        <>
          {onboarding !== "none" && <Checklist inboxName={onboarding.inboxName} onClose={onboarding.close} />}
          {!isPortal && <RunningTasks />}
          {!isPortal && <BacklogFigures backlog={backlog.data} />}
          <AttemptPlots
            stats={stats.data}
            linkTo={({ statusClass, since, until }) => ({
              to: "/messages",
              search: { status_class: statusClass, attempted_since: since, attempted_until: until },
            })}
          />
          {onboarding === "none" && (
            <Filters>
              <EventTypeFilter
                value={search.types?.[0]}
                onChange={(type) =>
                  void navigate({
                    search: (before) => ({ ...before, types: type === undefined ? undefined : [type] }),
                    replace: true,
                    resetScroll: false,
                  })
                }
              />
            </Filters>
          )}
          <Columns>
            <Attention backlog={backlog.data} types={search.types} />
            <FailedMessages types={search.types} />
          </Columns>
        </>
      )}
    </Page>
  );
}

function BacklogFigures({ backlog }: { backlog: Backlog | undefined }) {
  const { weft, scope } = useApi();
  const { data: recent } = useQuery({
    queryKey: [...scope, "overview", "rate"],
    queryFn: ({ signal }) =>
      weft.webhooks.getStats({ ...windowQuery({ since: `${rateMinutes}m` }, Date.now()), step: "1m" }, { signal }),
    refetchInterval: refreshMs,
  });
  const { figures } = texts.overview;
  return (
    <Figures>
      <Figure name={figures.rate} note={figures.rateNote}>
        {recent === undefined ? "–" : formatAbout(recent.attempts / (rateMinutes * 60))}
      </Figure>
      <Figure name={figures.waiting} term="backlog">
        {backlog === undefined ? "–" : countOf(backlog, backlog.due + backlog.claimed)}
      </Figure>
      <Figure name={figures.retrying} term="retrySchedule">
        {backlog === undefined ? "–" : countOf(backlog, backlog.later)}
      </Figure>
      <Figure name={figures.oldest}>
        {backlog === undefined ? (
          "–"
        ) : backlog.oldest_due_at === null ? (
          figures.oldestNone
        ) : (
          <TimeElapsed since={backlog.oldest_due_at} />
        )}
      </Figure>
    </Figures>
  );
}

function countOf({ is_exact: isExact }: Backlog, count: number): string {
  return isExact ? formatCount(count) : texts.overview.figures.atLeast(formatCount(count));
}
