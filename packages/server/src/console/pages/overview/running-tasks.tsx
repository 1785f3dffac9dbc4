import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { BackgroundTask } from "@weft/sdk";
import { useMay } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { formatCount } from "../../ui/format.ts";
import { Problem } from "../../ui/notice.tsx";
import { Quiet } from "../../ui/page.tsx";
import { ProgressBar } from "../../ui/progress-bar.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import { showDone, showProblem } from "../../ui/toast.tsx";

const shownMax = 20;
const pollMs = 2_000;
const idlePollMs = 15_000;
const words = texts.overview.tasks;

/** The background tasks that run at present, with their progress; nothing while none runs. */
export function RunningTasks() {
  const { weft, scope } = useApi();
  const mayWrite = useMay("write");
  const { data, error } = useQuery({
    queryKey: [...scope, "overview", "tasks"],
    queryFn: ({ signal }) =>
      weft.backgroundTasks.listBackgroundTasks({ status: "running", limit: shownMax }, { signal }),
    refetchInterval: ({ state }) => ((state.data?.items.length ?? 0) > 0 ? pollMs : idlePollMs),
  });
  if (error !== null) return <Problem error={error} />;
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Card title={words.title} flush>
      <Table
        label={words.title}
        columns={mayWrite ? [...columns, actionsColumn] : columns}
        rows={data.items}
        rowKey={({ id }) => id}
        empty={null}
      />
    </Card>
  );
}

const columns: readonly Column<BackgroundTask>[] = [
  { key: "kind", header: words.columns.kind, cell: (task) => <TaskName task={task} /> },
  {
    key: "progress",
    header: words.columns.progress,
    cell: (task) => (
      <>
        <ProgressBar label={words.progressOf(words.kinds[task.kind])} value={task.done} max={task.total} />
        <Quiet>
          {task.total === null
            ? texts.recoveries.countingTotal
            : words.progress(formatCount(task.done), formatCount(task.total))}
        </Quiet>
      </>
    ),
  },
  {
    key: "started",
    header: words.columns.started,
    align: "number",
    tight: true,
    from: "tablet",
    cell: ({ created_at }) => <TimeAgo at={created_at} />,
  },
];

const actionsColumn: Column<BackgroundTask> = {
  key: "actions",
  header: <span className="visually-hidden">{words.columns.actions}</span>,
  tight: true,
  cell: (task) => <CancelTask task={task} />,
};

function TaskName({ task: { kind, subscription_id: subscriptionId } }: { task: BackgroundTask }) {
  if (subscriptionId === null) return words.kinds[kind];
  return (
    <Link to="/subscriptions/$subscriptionId" params={{ subscriptionId }} search={{ tab: "recovery" }}>
      {words.kinds[kind]}
    </Link>
  );
}

function CancelTask({ task: { id, kind } }: { task: BackgroundTask }) {
  const { weft, scope } = useApi();
  const queryClient = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => weft.backgroundTasks.cancelBackgroundTask(id),
    onSuccess: () => showDone(words.cancelled),
    onError: showProblem,
    onSettled: () =>
      Promise.all(
        [["overview", "tasks"], ["recoveries"]].map((key) =>
          queryClient.invalidateQueries({ queryKey: [...scope, ...key] }),
        ),
      ),
  });
  return (
    <Button
      size="small"
      label={words.cancelOf(words.kinds[kind])}
      busy={cancel.isPending}
      onPress={() => cancel.mutate()}
    >
      {words.cancel}
    </Button>
  );
}
