import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Attempt } from "@weft/sdk";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { windowQuery } from "../../time-window.ts";
import { Badge, Tag, type Tone } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { Filters, Select } from "../../ui/field.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Quiet } from "../../ui/page.tsx";
import { type StatusClass, StatusClassFilter } from "../../ui/status-class-filter.tsx";
import { type Column, Pager, Table } from "../../ui/table.tsx";
import { TimeAgo, TimeUntil } from "../../ui/time.tsx";
import { WindowFilter } from "../../ui/window-filter.tsx";
import { EventTypeFilter } from "../event-types/event-type-filter.tsx";

const pageSize = 50;
const tones: Readonly<Record<Attempt["status"], Tone>> = { success: "good", failed: "bad", pending: "info" };

/** The attempts of one subscription, newest first. */
export function AttemptsTab({ subscriptionId }: { subscriptionId: string }) {
  const api = useApi();
  const search = useSearch({ from: "/subscriptions/$subscriptionId" });
  const navigate = useNavigate({ from: "/subscriptions/$subscriptionId" });
  const { cursor, status, status_class, since, until, types } = search;
  const { data, error, refetch } = useQuery({
    queryKey: [...api.scope, "attempts", subscriptionId, { cursor, status, status_class, since, until, types }],
    queryFn: ({ signal }) =>
      api.weft.webhooks.listAttempts(
        subscriptionId,
        {
          limit: pageSize,
          cursor,
          status: status as Attempt["status"] | undefined,
          status_class: status_class as StatusClass | undefined,
          event_types: types,
          ...windowQuery({ since, until }, Date.now()),
        },
        { signal },
      ),
    placeholderData: keepPreviousData,
  });
  function filter(change: Partial<typeof search>): void {
    void navigate({
      search: (before) => ({ ...before, ...change, cursor: undefined }),
      replace: true,
      resetScroll: false,
    });
  }
  const { attempts } = texts.subscriptions;
  const isFiltered = [status, status_class, since, until, types].some((value) => value !== undefined);
  return (
    <Card flush label={attempts.list}>
      <Filters>
        <Select
          label={attempts.status}
          value={status ?? ""}
          onChange={(value) => filter({ status: value === "" ? undefined : value })}
          options={[
            { value: "", label: texts.common.all },
            ...Object.entries(attempts.statuses).map(([value, label]) => ({ value, label })),
          ]}
        />
        <StatusClassFilter value={status_class} onChange={(next) => filter({ status_class: next })} />
        <EventTypeFilter
          value={types?.[0]}
          onChange={(type) => filter({ types: type === undefined ? undefined : [type] })}
        />
        <WindowFilter label={attempts.time} value={{ since, until }} onChange={(window) => filter({ ...window })} />
      </Filters>
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      <Table
        label={attempts.list}
        columns={columns}
        rows={data?.items}
        rowKey={({ id }) => id}
        rowLink={({ id, message_id }) => ({
          to: "/messages/$messageId",
          params: { messageId: message_id },
          search: { attempt: id },
        })}
        empty={
          isFiltered ? (
            <Empty title={attempts.emptyFiltered} />
          ) : (
            <Empty title={attempts.empty}>{attempts.emptyNext}</Empty>
          )
        }
      />
      <Pager
        onFirst={cursor === undefined ? null : () => filter({})}
        onNext={
          data?.nextCursor == null
            ? null
            : () =>
                void navigate({
                  search: (before) => ({ ...before, cursor: data.nextCursor ?? undefined }),
                  resetScroll: false,
                })
        }
      />
    </Card>
  );
}

const { columns: headers, statuses } = texts.subscriptions.attempts;

const columns: readonly Column<Attempt>[] = [
  {
    key: "outcome",
    header: headers.outcome,
    cell: ({ status, response_status_code: code, error }) => (
      <Badge tone={tones[status]} title={error ?? undefined}>
        {code > 0
          ? texts.messages.attempt.status(code)
          : status === "failed"
            ? texts.messages.attempt.noResponse
            : statuses[status]}
      </Badge>
    ),
  },
  {
    key: "type",
    header: headers.type,
    cell: ({ event_type }) => (event_type === null ? <Quiet>–</Quiet> : <Tag>{event_type}</Tag>),
  },
  {
    key: "number",
    header: headers.number,
    align: "number",
    tight: true,
    from: "tablet",
    cell: ({ attempt_number: number, trigger }) => (
      <span title={texts.messages.attempt.triggers[trigger]}>{number === 0 ? "–" : number}</span>
    ),
  },
  {
    key: "took",
    header: headers.took,
    align: "number",
    tight: true,
    from: "tablet",
    cell: ({ duration_ms: ms, status }) => (status === "pending" ? "–" : formatDuration(ms)),
  },
  {
    key: "next",
    header: headers.next,
    align: "number",
    tight: true,
    from: "desktop",
    cell: ({ next_attempt_at: at }) => (at === null ? <Quiet>–</Quiet> : <TimeUntil at={at} />),
  },
  {
    key: "at",
    header: headers.at,
    align: "number",
    tight: true,
    cell: ({ timestamp }) => <TimeAgo at={timestamp} />,
  },
];
