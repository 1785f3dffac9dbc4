import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { SourceConnection, SyncJob } from "@weft/sdk";
import { useState } from "react";
import { syncingPollMs, useProducersChanged } from "../../api/producers.ts";
import { useMay } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CursorPager } from "../../ui/cursor-pager.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { formatCount, formatDuration } from "../../ui/format.ts";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Line, Quiet } from "../../ui/page.tsx";
import { ProgressBar } from "../../ui/progress-bar.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { TimeAgo, useNow } from "../../ui/time.tsx";
import { showDone } from "../../ui/toast.tsx";
import { isUnderWay, JobStatus } from "./status-badges.tsx";
import styles from "./sync-jobs.module.css";

const pageSize = 20;
const words = texts.producers.jobs;

/** The syncs of a connection, newest first. The counts of a running one are updated live. */
export function SyncJobs({ connection }: { connection: SourceConnection }) {
  const { weft, scope } = useApi();
  const { cursor } = useSearch({ from: "/source-connections/$sourceConnectionId" });
  const navigate = useNavigate({ from: "/source-connections/$sourceConnectionId" });
  const mayWrite = useMay("write");
  const [cancelled, setCancelled] = useState<SyncJob | null>(null);
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: [...scope, "sync-jobs", connection.id, { cursor }],
    queryFn: ({ signal }) =>
      weft.sourceConnections.listSyncJobs(connection.id, { limit: pageSize, cursor }, { signal }),
    // A connection that waits for its first authorization has no sync, and so no list of jobs.
    enabled: connection.sync_id !== null,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) === true ? syncingPollMs : false),
  });
  return (
    <Card title={words.title} flush>
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      <Table
        label={words.title}
        columns={[stateColumn(mayWrite ? setCancelled : null), ...columns]}
        rows={connection.sync_id === null ? [] : data?.items}
        rowKey={({ id }) => id}
        rowsExpected={3}
        empty={<Empty title={words.none}>{connection.auth.authenticated && words.noneNext}</Empty>}
      />
      <CursorPager
        cursor={cursor}
        nextCursor={isPlaceholderData ? null : data?.nextCursor}
        onGo={(next) => void navigate({ search: (before) => ({ ...before, cursor: next }), resetScroll: false })}
      />
      {cancelled !== null && <CancelDialog job={cancelled} onClose={() => setCancelled(null)} />}
    </Card>
  );
}

/** `onCancel` is null for users who may not cancel. */
type OnCancel = ((job: SyncJob) => void) | null;

function stateColumn(onCancel: OnCancel): Column<SyncJob> {
  return {
    key: "status",
    header: words.columns.status,
    cell: (job) => <State job={job} onCancel={onCancel} />,
  };
}

const columns: readonly Column<SyncJob>[] = [
  {
    key: "started",
    header: words.columns.started,
    tight: true,
    cell: ({ started_at: at }) => (at === null ? <Quiet>–</Quiet> : <TimeAgo at={at} />),
  },
  {
    key: "took",
    header: words.columns.took,
    align: "number",
    tight: true,
    from: "tablet",
    cell: (job) => <Took job={job} />,
  },
  ...(
    [
      ["inserted", undefined],
      ["updated", "tablet"],
      ["deleted", "tablet"],
      ["skipped", "desktop"],
      ["failed", undefined],
    ] as const
  ).map(
    ([name, from]): Column<SyncJob> => ({
      key: name,
      header: words.columns[name],
      align: "number",
      tight: true,
      ...(from !== undefined && { from }),
      cell: (job) => formatCount(job[`entities_${name}`]),
    }),
  ),
];

function State({ job, onCancel }: { job: SyncJob; onCancel: OnCancel }) {
  return (
    <div className={styles.state}>
      <Line>
        <JobStatus status={job.status} />
        {isUnderWay(job) && (
          <span className={styles.progress}>
            <ProgressBar label={words.progress} value={0} max={null} />
          </span>
        )}
        {onCancel !== null && (job.status === "pending" || job.status === "running") && (
          <Button size="small" onPress={() => onCancel(job)}>
            {words.cancel}
          </Button>
        )}
      </Line>
      {job.error !== null && <p className={styles.error}>{job.error}</p>}
    </div>
  );
}

function Took({ job }: { job: SyncJob }) {
  const now = useNow();
  if (job.started_at === null) return <Quiet>–</Quiet>;
  if (job.duration_seconds !== null && !isUnderWay(job)) return formatDuration(job.duration_seconds * 1_000);
  return formatDuration(Math.max(0, now - Date.parse(job.started_at)));
}

function CancelDialog({ job, onClose }: { job: SyncJob; onClose: () => void }) {
  const { weft } = useApi();
  const changed = useProducersChanged();
  const cancel = useMutation({
    mutationFn: () => weft.sourceConnections.cancelSyncJob(job.source_connection_id, job.id),
    onSuccess: async () => {
      await changed();
      showDone(words.cancelled);
      onClose();
    },
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={words.cancelTitle}
      lead={words.cancelLead}
      action={words.cancelSubmit}
      danger
      busy={cancel.isPending}
      error={cancel.error}
      onConfirm={() => cancel.mutate()}
    />
  );
}
