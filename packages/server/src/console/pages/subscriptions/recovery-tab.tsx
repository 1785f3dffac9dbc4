import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { RecoveryTask } from "@weft/sdk";
import { useState } from "react";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Tag } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Fields, Filters } from "../../ui/field.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Line, Quiet, Stack } from "../../ui/page.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { TimeAt } from "../../ui/time.tsx";
import { EventTypeFilter } from "../event-types/event-type-filter.tsx";
import { RecoverDialog } from "../recoveries/recover-dialog.tsx";
import { anyFailure } from "../recoveries/recovery-filter.ts";
import {
  isUnfinished,
  progressPollMs,
  RecoveryActions,
  RecoveryProgress,
  RecoveryStatus,
} from "../recoveries/recovery-progress.tsx";

const words = texts.subscriptions.recovery;
const shownMax = 20;

/** Starts recoveries of one subscription, and lists them with their progress. */
export function RecoveryTab({ subscriptionId, mayWrite }: { subscriptionId: string; mayWrite: boolean }) {
  return (
    <Stack>
      {mayWrite && (
        <Card title={words.title} term="recovery">
          <StartRecovery subscriptionId={subscriptionId} />
        </Card>
      )}
      <Card title={words.list} flush>
        <RecoveryList subscriptionId={subscriptionId} mayWrite={mayWrite} />
      </Card>
    </Stack>
  );
}

function StartRecovery({ subscriptionId }: { subscriptionId: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Fields>
      <p>{words.lead}</p>
      <div>
        <Button kind="primary" onPress={() => setOpen(true)}>
          {texts.recoveries.open}
        </Button>
      </div>
      {isOpen && (
        <RecoverDialog initial={{ ...anyFailure, subscriptionIds: [subscriptionId] }} onClose={() => setOpen(false)} />
      )}
    </Fields>
  );
}

function RecoveryList({ subscriptionId, mayWrite }: { subscriptionId: string; mayWrite: boolean }) {
  const { weft, scope } = useApi();
  const { types } = useSearch({ from: "/subscriptions/$subscriptionId" });
  const navigate = useNavigate({ from: "/subscriptions/$subscriptionId" });
  const { data, error, refetch } = useQuery({
    queryKey: [...scope, "recoveries", subscriptionId, types],
    queryFn: ({ signal }) =>
      weft.webhooks.listRecoveries(subscriptionId, { limit: shownMax, event_types: types }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.items.some(isUnfinished) === true ? progressPollMs : false),
  });
  if (error !== null) return <Problem error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <Filters>
        <EventTypeFilter
          value={types?.[0]}
          onChange={(type) =>
            void navigate({
              search: (before) => ({ ...before, types: type === undefined ? undefined : [type] }),
              replace: true,
              resetScroll: false,
            })
          }
        />
      </Filters>
      <Table
        label={words.list}
        columns={columnsFor(subscriptionId, mayWrite)}
        rows={data?.items}
        rowKey={({ id }) => id}
        rowsExpected={2}
        empty={<Empty title={types === undefined ? words.none : words.noneFiltered} />}
      />
    </>
  );
}

const typesShown = 2;

function RecoveredTypes({ types }: { types: readonly string[] | null }) {
  if (types === null) return <Quiet>{texts.common.all}</Quiet>;
  return (
    <Line>
      {types.slice(0, typesShown).map((type) => (
        <Tag key={type}>{type}</Tag>
      ))}
      {types.length > typesShown && (
        <span title={types.slice(typesShown).join("\n")}>
          <Quiet>{texts.subscriptions.typesMore(types.length - typesShown)}</Quiet>
        </span>
      )}
    </Line>
  );
}

function columnsFor(subscriptionId: string, mayWrite: boolean): readonly Column<RecoveryTask>[] {
  return [
    {
      key: "status",
      header: words.columns.status,
      tight: true,
      cell: ({ status }) => <RecoveryStatus status={status} />,
    },
    {
      key: "progress",
      header: words.columns.progress,
      cell: (recovery) => <RecoveryProgress recovery={recovery} />,
    },
    {
      key: "types",
      header: words.columns.types,
      from: "tablet",
      cell: ({ event_types: types }) => <RecoveredTypes types={types} />,
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
    ...(mayWrite
      ? [
          {
            key: "actions",
            header: "",
            tight: true,
            cell: (recovery: RecoveryTask) => (
              <RecoveryActions subscriptionId={subscriptionId} label={recovery.id} recovery={recovery} />
            ),
          },
        ]
      : []),
  ];
}
