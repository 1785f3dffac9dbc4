import { useQuery } from "@tanstack/react-query";
import type { SourceConnectionListItem } from "@weft/sdk";
import { RefreshCw } from "lucide-react";
import { syncingPollMs } from "../../api/producers.ts";
import { useMay } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatCount, formatDuration } from "../../ui/format.ts";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Page, Quiet } from "../../ui/page.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import styles from "./freshness-page.module.css";
import { NextRun } from "./schedule-text.tsx";
import { CreateConnectionLink } from "./source-connections-page.tsx";
import { byStaleness, staleReason } from "./staleness.ts";
import { ConnectionStatus } from "./status-badges.tsx";
import { useRunNow } from "./use-run-now.ts";

// The maximum page size of this list.
const shownMax = 1_000;
const words = texts.producers.freshness;

/** Whether the data of each source connection is up to date, stale ones first. */
export function FreshnessPage() {
  const { weft, scope } = useApi();
  const mayWrite = useMay("write");
  const run = useRunNow();
  const { data, error, refetch } = useQuery({
    queryKey: [...scope, "freshness"],
    queryFn: async ({ signal }) => {
      const page = await weft.sourceConnections.listSourceConnections({ limit: shownMax }, { signal });
      return { entries: page.items.toSorted(byStaleness), isAll: page.nextCursor === null };
    },
    refetchInterval: ({ state }) =>
      state.data?.entries.some(({ status }) => status === "syncing") === true ? syncingPollMs : false,
  });
  return (
    <Page title={texts.frame.pages.freshness} lead={words.lead}>
      <Card flush label={words.list}>
        {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
        <Table
          label={words.list}
          columns={mayWrite ? [...columns, runColumn((id) => run.mutate(id)), ...times] : [...columns, ...times]}
          rows={data?.entries}
          rowKey={({ id }) => id}
          rowLink={({ id }) => ({
            to: "/source-connections/$sourceConnectionId",
            params: { sourceConnectionId: id },
          })}
          empty={
            <Empty title={words.empty} actions={mayWrite && <CreateConnectionLink />}>
              {texts.producers.connections.emptyNext}
            </Empty>
          }
        />
      </Card>
      {data?.isAll === false && <Quiet>{words.onlyFirst(formatCount(shownMax))}</Quiet>}
    </Page>
  );
}

// The button for a sync is between these and the times, so that narrow screens show it.
const columns: readonly Column<SourceConnectionListItem>[] = [
  { key: "name", header: words.columns.name, cell: ({ name }) => name },
  {
    key: "state",
    header: words.columns.state,
    cell: (entry) => (
      <div className={styles.state}>
        <Badge tone={entry.is_stale ? "bad" : "good"}>{entry.is_stale ? words.stale : words.fresh}</Badge>
        {entry.status === "syncing" && <ConnectionStatus status={entry.status} />}
        {entry.is_stale && <Quiet>{staleReason(entry)}</Quiet>}
      </div>
    ),
  },
];

const times: readonly Column<SourceConnectionListItem>[] = [
  {
    key: "synced",
    header: words.columns.synced,
    align: "number",
    tight: true,
    cell: ({ last_success_at: at }) => (at === null ? <Quiet>{texts.common.never}</Quiet> : <TimeAgo at={at} />),
  },
  {
    key: "took",
    header: words.columns.took,
    align: "number",
    tight: true,
    from: "tablet",
    cell: ({ last_job: job }) => (job?.duration_ms == null ? <Quiet>–</Quiet> : formatDuration(job.duration_ms)),
  },
  {
    key: "next",
    header: words.columns.next,
    align: "number",
    tight: true,
    from: "tablet",
    cell: ({ schedule, status }) => <NextRun schedule={schedule} isPaused={status === "inactive"} />,
  },
];

function runColumn(onRun: (id: string) => void): Column<SourceConnectionListItem> {
  return {
    key: "run",
    header: <span className="visually-hidden">{words.columns.run}</span>,
    tight: true,
    cell: ({ id, name, status }) =>
      status !== "pending_auth" &&
      status !== "needs_reauth" && (
        <Button
          size="small"
          kind="quiet"
          label={`${texts.producers.connection.runNow}: ${name}`}
          disabled={status === "syncing"}
          onPress={() => onRun(id)}
        >
          <RefreshCw size={15} aria-hidden="true" />
        </Button>
      ),
  };
}
