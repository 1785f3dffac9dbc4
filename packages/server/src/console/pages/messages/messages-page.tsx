import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { Message } from "@weft/sdk";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { useMay } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { attemptedQuery, type TimeWindow, windowQuery } from "../../time-window.ts";
import { Tag } from "../../ui/badge.tsx";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { selectColumn } from "../../ui/select-column.tsx";
import { type StatusClass, statusClasses } from "../../ui/status-class-filter.tsx";
import { type Column, Pager, Table } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import { RecoverDialog } from "../recoveries/recover-dialog.tsx";
import { anyFailure, type RecoveryFilter } from "../recoveries/recovery-filter.ts";
import { hasFilters, MessageFilters } from "./message-filters.tsx";
import { MessageStatus } from "./message-status.tsx";
import { MessageContent, MessageEndpoints } from "./message-summary.tsx";

const pageSize = 50;

const columns: readonly Column<Message>[] = [
  { key: "type", header: texts.messages.columns.type, cell: ({ event_type }) => <Tag>{event_type}</Tag> },
  {
    key: "status",
    header: texts.messages.columns.status,
    cell: (message) => <MessageStatus message={message} />,
  },
  {
    key: "content",
    header: texts.messages.columns.content,
    from: "tablet",
    cell: (message) => <MessageContent message={message} />,
  },
  {
    key: "endpoints",
    header: texts.messages.columns.endpoints,
    from: "desktop",
    cell: (message) => <MessageEndpoints message={message} />,
  },
  {
    key: "accepted",
    header: texts.messages.columns.accepted,
    align: "number",
    tight: true,
    cell: ({ timestamp }) => <TimeAgo at={timestamp} />,
  },
];

export function MessagesPage() {
  const { weft, scope } = useApi();
  const mayWrite = useMay("write");
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const search = useSearch({ from: "/messages" });
  const navigate = useNavigate({ from: "/messages" });
  const { cursor, since, until, types, status, subscription, event_id, payload } = search;
  const attempted = { since: search.attempted_since, until: search.attempted_until };
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: [...scope, "messages", search],
    queryFn: ({ signal }) =>
      weft.webhooks.listMessages(
        {
          limit: pageSize,
          cursor,
          ...windowQuery({ since, until }, Date.now()),
          event_types: types,
          status: status as "success" | "failed" | "pending" | undefined,
          status_class: search.status_class as StatusClass | undefined,
          ...attemptedQuery(attempted, Date.now()),
          subscription_id: subscription,
          event_id,
          payload: payload === undefined ? undefined : [payload],
          include_endpoints: true,
        },
        { signal },
      ),
    placeholderData: keepPreviousData,
  });
  const rows = data?.items;
  const selection = selectColumn({
    rows: rows ?? [],
    keyOf: ({ id }) => id,
    selected,
    onChange: setSelected,
    allLabel: texts.messages.selectAll,
    rowLabel: ({ event_type, id }) => texts.messages.select(`${event_type} ${id}`),
  });
  return (
    <Page
      title={texts.frame.pages.messages}
      lead={texts.messages.lead}
      actions={mayWrite && <RecoverMessages selected={selected} />}
    >
      <Card flush label={texts.messages.list}>
        <MessageFilters />
        {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
        <Table
          label={texts.messages.list}
          columns={mayWrite ? [...columns, selection] : columns}
          rows={rows}
          rowKey={({ id }) => id}
          rowLink={({ id }) => ({ to: "/messages/$messageId", params: { messageId: id } })}
          rowsExpected={12}
          empty={hasFilters(search) ? <NothingFound mayGoOn={data?.nextCursor !== null} /> : <NothingYet />}
        />
        <Pager
          onFirst={
            cursor === undefined
              ? null
              : () => void navigate({ search: (before) => ({ ...before, cursor: undefined }) })
          }
          onNext={
            data === undefined || data.nextCursor === null || isPlaceholderData
              ? null
              : () => void navigate({ search: (before) => ({ ...before, cursor: data.nextCursor ?? undefined }) })
          }
        />
      </Card>
    </Page>
  );
}

/** Recovers the selected messages, or all that match the filters of the list. */
function RecoverMessages({ selected }: { selected: ReadonlySet<string> }) {
  const search = useSearch({ from: "/messages" });
  const [isOpen, setOpen] = useState(false);
  const { types, status, subscription, payload, status_class } = search;
  const initial: RecoveryFilter = {
    ...anyFailure,
    messageIds: selected.size > 0 ? [...selected] : null,
    window: acceptedWindow(search),
    eventTypes: types ?? null,
    subscriptionIds: subscription === undefined ? null : [subscription],
    payload: payload ?? null,
    statusClass: statusClasses.find((known) => known === status_class) ?? null,
    attempted: { since: search.attempted_since, until: search.attempted_until },
    ...(status === "failed" && { standings: ["failed"] as const }),
  };
  return (
    <>
      <Button onPress={() => setOpen(true)}>
        <RotateCw size={16} aria-hidden="true" />
        {selected.size > 0 ? texts.recoveries.openSelected(selected.size) : texts.recoveries.open}
      </Button>
      {isOpen && <RecoverDialog initial={initial} onClose={() => setOpen(false)} />}
    </>
  );
}

/** When the messages of the list were accepted. Their attempts may be days newer. */
function acceptedWindow(
  search: Readonly<Partial<Record<"since" | "until" | "attempted_since" | "attempted_until", string>>>,
): TimeWindow {
  const { since, until, attempted_since, attempted_until } = search;
  if (since !== undefined || until !== undefined) return { since, until };
  return attempted_since === undefined && attempted_until === undefined ? anyFailure.window : { since: "7d" };
}

function NothingFound({ mayGoOn }: { mayGoOn: boolean }) {
  return <Empty title={texts.messages.emptyFiltered}>{mayGoOn ? texts.messages.notOnThisPage : undefined}</Empty>;
}

function NothingYet() {
  const mayWrite = useMay("write");
  return (
    <Empty
      title={texts.messages.empty}
      actions={
        mayWrite && (
          <Link to="/subscriptions/new" className={buttonClass("primary")}>
            {texts.messages.newSubscription}
          </Link>
        )
      }
    >
      {texts.messages.emptyNext}
    </Empty>
  );
}
