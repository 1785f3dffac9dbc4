import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { RecoveryTask } from "@weft/sdk";
import { useState } from "react";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { type TimeWindow, windowQuery } from "../../time-window.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Fields } from "../../ui/field.tsx";
import { formatCount } from "../../ui/format.ts";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Line, Quiet, Stack } from "../../ui/page.tsx";
import { ProgressBar } from "../../ui/progress-bar.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { TimeAt } from "../../ui/time.tsx";
import { showDone } from "../../ui/toast.tsx";
import { WindowFilter } from "../../ui/window-filter.tsx";
import { MissedCount, useMissed } from "./missed-count.tsx";

const shownMax = 20;
const runningPollMs = 1_000;

/** Recovers the missed events of a subscription, and shows the progress of earlier recoveries. */
export function RecoveryTab({ subscriptionId, mayWrite }: { subscriptionId: string; mayWrite: boolean }) {
  const { recovery } = texts.subscriptions;
  return (
    <Stack>
      {mayWrite && (
        <Card title={recovery.title}>
          <StartRecovery subscriptionId={subscriptionId} />
        </Card>
      )}
      <Card title={recovery.list} flush>
        <RecoveryList subscriptionId={subscriptionId} />
      </Card>
    </Stack>
  );
}

function StartRecovery({ subscriptionId }: { subscriptionId: string }) {
  const { weft, scope } = useApi();
  const queryClient = useQueryClient();
  const [window, setWindow] = useState<TimeWindow>({ since: "24h" });
  const { data: missed } = useMissed(subscriptionId, window);
  const { recovery } = texts.subscriptions;
  const start = useMutation({
    mutationFn: () => {
      const { since, until } = windowQuery(window, Date.now());
      return weft.webhooks.recoverMessages(subscriptionId, { since: since ?? "", until });
    },
    onSuccess: async () => {
      showDone(recovery.started);
      await queryClient.invalidateQueries({ queryKey: [...scope, "recoveries", subscriptionId] });
      await queryClient.invalidateQueries({ queryKey: [...scope, "missed", subscriptionId] });
    },
  });
  return (
    <Fields>
      <p>{recovery.lead}</p>
      <Line>
        <WindowFilter label={recovery.window} value={window} onChange={setWindow} mayBeOpen={false} />
      </Line>
      <MissedCount subscriptionId={subscriptionId} window={window} />
      {start.error !== null && <Problem error={start.error} />}
      <div>
        <Button
          kind="primary"
          busy={start.isPending}
          disabled={missed === undefined || missed.deliveries === 0}
          onPress={() => start.mutate()}
        >
          {recovery.start}
        </Button>
      </div>
    </Fields>
  );
}

function RecoveryList({ subscriptionId }: { subscriptionId: string }) {
  const { weft, scope } = useApi();
  const { data, error, refetch } = useQuery({
    queryKey: [...scope, "recoveries", subscriptionId],
    queryFn: ({ signal }) => weft.webhooks.listRecoveries(subscriptionId, { limit: shownMax }, { signal }),
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ status, outcomes }) => status === "running" || outcomes.waiting > 0) === true
        ? runningPollMs
        : false,
  });
  if (error !== null) return <Problem error={error} onRetry={() => void refetch()} />;
  return (
    <Table
      label={texts.subscriptions.recovery.list}
      columns={columns}
      rows={data?.items}
      rowKey={({ id }) => id}
      rowsExpected={2}
      empty={<Empty title={texts.subscriptions.recovery.none} />}
    />
  );
}

const words = texts.subscriptions.recovery;

const tones: Readonly<Record<RecoveryTask["status"], Tone>> = {
  running: "info",
  paused: "warning",
  completed: "good",
  failed: "bad",
  cancelled: "quiet",
};

const columns: readonly Column<RecoveryTask>[] = [
  {
    key: "status",
    header: words.columns.status,
    tight: true,
    cell: ({ status }) => <Badge tone={tones[status]}>{words.statuses[status]}</Badge>,
  },
  {
    key: "progress",
    header: words.columns.progress,
    cell: ({ recovered, total, outcomes, warning }) => (
      <>
        <ProgressBar label={words.columns.progress} value={recovered} max={total} />
        <Quiet>
          {total === null ? words.countingTotal : words.progress(formatCount(recovered), formatCount(total))}
        </Quiet>
        {recovered > 0 && (
          <Quiet>
            {words.outcomes(
              formatCount(outcomes.delivered),
              formatCount(outcomes.failed),
              formatCount(outcomes.waiting),
              outcomes.waiting_reason,
            )}
          </Quiet>
        )}
        {warning !== null && <Quiet>{warning}</Quiet>}
      </>
    ),
  },
  {
    key: "window",
    header: words.columns.window,
    from: "tablet",
    tight: true,
    cell: ({ since }) => <TimeAt at={since} />,
  },
  {
    key: "until",
    header: words.columns.until,
    from: "tablet",
    tight: true,
    cell: ({ until }) => <TimeAt at={until} />,
  },
];
