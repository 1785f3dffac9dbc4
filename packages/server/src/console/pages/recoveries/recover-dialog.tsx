import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FilteredRecovery, RecoveryTask } from "@weft/sdk";
import { useState } from "react";
import { eventTypesQuery } from "../../api/event-types.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Checkbox, FieldGroup, Fields, Select } from "../../ui/field.tsx";
import { formatCount } from "../../ui/format.ts";
import { Empty, Notice, Problem } from "../../ui/notice.tsx";
import { Line, Quiet } from "../../ui/page.tsx";
import { StatusClassFilter } from "../../ui/status-class-filter.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { WindowFilter } from "../../ui/window-filter.tsx";
import { Url } from "../../ui/wrapped.tsx";
import { type RecoveryFilter, recoveryBody, type Standing, standings } from "./recovery-filter.ts";
import {
  isUnfinished,
  progressPollMs,
  RecoveryActions,
  RecoveryProgress,
  RecoveryStatus,
} from "./recovery-progress.tsx";

type Item = FilteredRecovery["subscriptions"][number];
type StartedItem = Item & { readonly recovery: RecoveryTask };

const words = texts.recoveries;

interface RecoverDialogProps {
  readonly initial: RecoveryFilter;
  readonly onClose: () => void;
}

/** Plans a recovery with exact counts, starts it and shows its progress. */
export function RecoverDialog({ initial, onClose }: RecoverDialogProps) {
  const [started, setStarted] = useState<FilteredRecovery | null>(null);
  return started === null ? (
    <PlanDialog initial={initial} onClose={onClose} onStarted={setStarted} />
  ) : (
    <ProgressDialog started={started} onClose={onClose} />
  );
}

function PlanDialog({
  initial,
  onClose,
  onStarted,
}: RecoverDialogProps & { onStarted: (started: FilteredRecovery) => void }) {
  const { weft, scope } = useApi();
  const queryClient = useQueryClient();
  const [filter, setFilter] = useState(initial);
  const { data, error, isFetching } = useQuery({
    queryKey: [...scope, "recovery plan", filter],
    queryFn: ({ signal }) =>
      weft.webhooks.recoverByFilter({ ...recoveryBody(filter, Date.now()), dry_run: true }, { signal }),
    enabled: filter.standings.length > 0,
    staleTime: 0,
    gcTime: 0,
  });
  const items = data?.subscriptions.filter(({ deliveries }) => (deliveries ?? 0) > 0) ?? [];
  const total = items.reduce((sum, { deliveries }) => sum + (deliveries ?? 0), 0);
  const disabled = data?.subscriptions.filter(({ skipped }) => skipped === "disabled").length ?? 0;
  const start = useMutation({
    // The plan names its subscriptions, so that no other one is recovered.
    mutationFn: () =>
      weft.webhooks.recoverByFilter({
        ...recoveryBody(filter, Date.now()),
        subscription_ids: items.map(({ subscription_id }) => subscription_id),
      }),
    onSuccess: async (result) => {
      onStarted(result);
      await queryClient.invalidateQueries({ queryKey: [...scope, "recoveries"] });
    },
  });
  const isReady = data !== undefined && !isFetching && total > 0;
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={words.title}
      lead={words.lead}
      onSubmit={() => isReady && !start.isPending && start.mutate()}
      actions={
        <>
          <Button onPress={onClose}>{texts.common.cancel}</Button>
          <Button type="submit" kind="primary" busy={start.isPending} disabled={!isReady}>
            {isReady ? words.start(countText(items, total)) : words.startNone}
          </Button>
        </>
      }
    >
      <RecoveryFields filter={filter} onChange={setFilter} />
      {error !== null && <Problem error={error} />}
      {start.error !== null && <Problem error={start.error} />}
      <section aria-label={words.plan} aria-busy={isFetching}>
        {data !== undefined && total > 0 && (
          <>
            <p>{words.total(countText(items, total), items.length)}</p>
            <Table label={words.plan} columns={planColumns} rows={items} rowKey={keyOf} empty={null} />
          </>
        )}
        {data === undefined && error === null && filter.standings.length > 0 && <Quiet>{words.counting}</Quiet>}
        {data !== undefined && total === 0 && <Empty title={words.nothing} />}
        {disabled > 0 && <Notice tone="warning">{words.disabled(disabled)}</Notice>}
      </section>
    </Dialog>
  );
}

interface RecoveryFieldsProps {
  readonly filter: RecoveryFilter;
  readonly onChange: (filter: RecoveryFilter) => void;
}

function RecoveryFields({ filter, onChange }: RecoveryFieldsProps) {
  const { messageIds, eventTypes, window, attempted } = filter;
  const { data: types } = useQuery(eventTypesQuery(useApi()));
  function toggle(standing: Standing, isIncluded: boolean): void {
    const others = filter.standings.filter((other) => other !== standing);
    onChange({ ...filter, standings: isIncluded ? [...others, standing] : others });
  }
  return (
    <Fields>
      <Line>
        {messageIds === null ? (
          <WindowFilter
            label={words.window}
            value={window}
            onChange={(next) => onChange({ ...filter, window: next })}
            mayBeOpen={false}
          />
        ) : (
          <strong>{words.selected(messageIds.length)}</strong>
        )}
        {messageIds === null && (
          <Select
            label={words.types}
            value={eventTypes?.join(" ") ?? ""}
            onChange={(chosen) => onChange({ ...filter, eventTypes: chosen === "" ? null : chosen.split(" ") })}
            options={[{ value: "", label: words.allTypes }, ...typeOptions(eventTypes, types ?? [])]}
          />
        )}
        <StatusClassFilter
          value={filter.statusClass ?? undefined}
          onChange={(next) => onChange({ ...filter, statusClass: next ?? null })}
        />
        {(attempted.since !== undefined || attempted.until !== undefined) && (
          <WindowFilter
            label={texts.messages.filters.attempted}
            value={attempted}
            onChange={(next) => onChange({ ...filter, attempted: next })}
          />
        )}
        {filter.payload !== null && <Quiet>{filter.payload}</Quiet>}
      </Line>
      <FieldGroup label={words.include}>
        {standings.map((standing) => (
          <Checkbox
            key={standing}
            label={words.standings[standing]}
            checked={filter.standings.includes(standing)}
            onChange={(isIncluded) => toggle(standing, isIncluded)}
          />
        ))}
      </FieldGroup>
    </Fields>
  );
}

/** The event types, and the selected ones if they are several. */
function typeOptions(selected: readonly string[] | null, types: readonly { readonly name: string }[]) {
  const several =
    selected !== null && selected.length > 1 ? [{ value: selected.join(" "), label: selected.join(", ") }] : [];
  return [...several, ...types.map(({ name }) => ({ value: name, label: name }))];
}

function countText(items: readonly Item[], total: number): string {
  const isExact = items.every(({ is_exact }) => is_exact !== false);
  return isExact ? formatCount(total) : words.atLeast(formatCount(total));
}

function keyOf({ subscription_id }: Item): string {
  return subscription_id;
}

const planColumns: readonly Column<Item>[] = [
  { key: "url", header: words.columns.subscription, cell: ({ url }) => <Url>{url}</Url> },
  {
    key: "deliveries",
    header: words.columns.deliveries,
    align: "number",
    tight: true,
    cell: (item) => countText([item], item.deliveries ?? 0),
  },
];

function ProgressDialog({ started, onClose }: { started: FilteredRecovery; onClose: () => void }) {
  const { weft, scope } = useApi();
  const initial = started.subscriptions.filter((item): item is StartedItem => item.recovery !== null);
  const refused = started.subscriptions.some(({ skipped }) => skipped === "too_many_recoveries");
  const queries = useQueries({
    queries: initial.map(({ subscription_id, recovery }) => ({
      queryKey: [...scope, "recoveries", subscription_id, recovery.id],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        weft.webhooks.getRecovery(subscription_id, recovery.id, { signal }),
      refetchInterval: ({ state }: { state: { data: RecoveryTask | undefined } }) =>
        state.data === undefined || isUnfinished(state.data) ? progressPollMs : false,
    })),
  });
  const rows = initial.map((item, index) => ({ ...item, recovery: queries[index]?.data ?? item.recovery }));
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={words.title}
      lead={words.started}
      actions={
        <Button kind="primary" onPress={onClose}>
          {texts.common.close}
        </Button>
      }
    >
      {refused && <Notice tone="warning">{words.tooMany}</Notice>}
      <Table label={words.progress} columns={progressColumns} rows={rows} rowKey={keyOf} empty={null} />
    </Dialog>
  );
}

const progressColumns: readonly Column<StartedItem>[] = [
  { key: "url", header: words.columns.subscription, cell: ({ url }) => <Url>{url}</Url> },
  { key: "status", header: "", tight: true, cell: ({ recovery }) => <RecoveryStatus status={recovery.status} /> },
  { key: "progress", header: words.progress, cell: ({ recovery }) => <RecoveryProgress recovery={recovery} /> },
  {
    key: "actions",
    header: "",
    tight: true,
    cell: ({ subscription_id, url, recovery }) => (
      <RecoveryActions subscriptionId={subscription_id} label={url} recovery={recovery} />
    ),
  },
];
