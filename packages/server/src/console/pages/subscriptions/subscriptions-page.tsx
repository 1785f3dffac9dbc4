import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { SubscriptionListItem } from "@weft/sdk";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useMay } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { sortingIn, sortQuery, sortText } from "../../sorting.ts";
import { texts } from "../../texts/texts.ts";
import { Tag } from "../../ui/badge.tsx";
import { buttonClass } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Filters, Select, TextField } from "../../ui/field.tsx";
import { formatShare } from "../../ui/format.ts";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Line, Page, Quiet } from "../../ui/page.tsx";
import { selectColumn } from "../../ui/select-column.tsx";
import { type Column, Pager, Table } from "../../ui/table.tsx";
import { TimeAgo, TimeUntil } from "../../ui/time.tsx";
import { Url } from "../../ui/wrapped.tsx";
import { EventTypeFilter } from "../event-types/event-type-filter.tsx";
import { BulkActions } from "./bulk-actions.tsx";
import { HealthBadge } from "./health-badge.tsx";
import styles from "./subscriptions-page.module.css";

const pageSize = 50;
const typesShown = 2;

export function SubscriptionsPage() {
  const { weft, scope } = useApi();
  const search = useSearch({ from: "/subscriptions" });
  const navigate = useNavigate({ from: "/subscriptions" });
  const mayWrite = useMay("write");
  const sorting = sortingIn(search.sort, ["url", "health", "last_attempt"]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { data, error, refetch } = useQuery({
    queryKey: [...scope, "subscriptions", search],
    queryFn: ({ signal }) =>
      weft.webhooks.listSubscriptions(
        {
          limit: pageSize,
          cursor: search.cursor,
          search: search.search,
          event_types: search.types,
          health: search.health as SubscriptionListItem["health_status"] | undefined,
          status: search.status as "enabled" | "disabled" | undefined,
          ...sortQuery(sorting),
        },
        { signal },
      ),
    placeholderData: keepPreviousData,
  });
  const rows = data?.items;
  const selection = mayWrite
    ? [
        selectColumn({
          rows: rows ?? [],
          keyOf: ({ id }) => id,
          selected: chosen,
          onChange: setChosen,
          allLabel: texts.subscriptions.chooseAll,
          rowLabel: ({ url }) => texts.subscriptions.choose(url),
        }),
      ]
    : [];
  const isFiltered = [search.search, search.types, search.health, search.status].some((value) => value !== undefined);
  return (
    <Page title={texts.frame.pages.subscriptions} lead={texts.subscriptions.lead} actions={mayWrite && <CreateLink />}>
      <Card flush label={texts.subscriptions.list}>
        <SubscriptionFilters />
        {chosen.size > 0 && (
          <BulkActions
            subscriptions={(rows ?? []).filter(({ id }) => chosen.has(id))}
            onDone={() => setChosen(new Set())}
          />
        )}
        {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
        <Table
          label={texts.subscriptions.list}
          columns={[columns[0], ...columns.slice(1), ...selection].filter((column) => column !== undefined)}
          rows={rows}
          rowKey={({ id }) => id}
          sorting={sorting}
          onSort={(next) =>
            void navigate({
              search: (before) => ({ ...before, sort: sortText(next), cursor: undefined }),
              replace: true,
            })
          }
          rowLink={({ id }) => ({ to: "/subscriptions/$subscriptionId", params: { subscriptionId: id } })}
          empty={isFiltered ? <Empty title={texts.subscriptions.emptyFiltered} /> : <NothingYet mayWrite={mayWrite} />}
        />
        <Pager
          onFirst={search.cursor === undefined ? null : () => void navigate({ search: without("cursor") })}
          onNext={
            data?.nextCursor == null
              ? null
              : () => void navigate({ search: (before) => ({ ...before, cursor: data.nextCursor ?? undefined }) })
          }
        />
      </Card>
    </Page>
  );
}

function without(name: string) {
  return (before: Record<string, unknown>) => ({ ...before, [name]: undefined });
}

const columns: readonly Column<SubscriptionListItem>[] = [
  {
    key: "url",
    header: texts.subscriptions.columns.url,
    sort: "url",
    cell: ({ kind, url, destination, description, mcp, filter_types: types }) => (
      <span className={styles.endpoint}>
        <span className={styles.url}>
          <Url>{url}</Url>
        </span>
        {destination !== null && <Quiet>{texts.subscriptions.destinations[destination].name}</Quiet>}
        {kind === "listener" && <Quiet>{texts.subscriptions.listener}</Quiet>}
        {mcp !== null && (
          <Quiet>
            {texts.subscriptions.agent(types.join(", "))} {mcp.principal}
            {". "}
            {texts.subscriptions.facts.agentEnds} <TimeUntil at={mcp.expires_at} />
          </Quiet>
        )}
        {description !== null && description !== "" && <Quiet>{description}</Quiet>}
      </span>
    ),
  },
  {
    key: "health",
    header: texts.subscriptions.columns.health,
    sort: "health",
    tight: true,
    cell: (subscription) => <HealthBadge subscription={subscription} />,
  },
  {
    key: "types",
    header: texts.subscriptions.columns.types,
    from: "tablet",
    cell: ({ filter_types: types }) => (
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
    ),
  },
  {
    key: "rate",
    header: <span title={texts.subscriptions.rateNote}>{texts.subscriptions.columns.rate}</span>,
    align: "number",
    tight: true,
    from: "tablet",
    cell: ({ success_rate: rate }) => (rate === null ? <Quiet>–</Quiet> : formatShare(rate)),
  },
  {
    key: "last",
    header: texts.subscriptions.columns.last,
    sort: "last_attempt",
    sortsDescending: true,
    align: "number",
    tight: true,
    cell: ({ last_attempt_at: at }) => (at === null ? <Quiet>{texts.common.never}</Quiet> : <TimeAgo at={at} />),
  },
];

function SubscriptionFilters() {
  const search = useSearch({ from: "/subscriptions" });
  const navigate = useNavigate({ from: "/subscriptions" });
  function filter(change: Partial<typeof search>): void {
    void navigate({ search: (before) => ({ ...before, ...change, cursor: undefined }), replace: true });
  }
  const { search: searchLabel, searchPlaceholder, health, status } = texts.subscriptions;
  return (
    <Filters>
      <TextField
        label={searchLabel}
        placeholder={searchPlaceholder}
        type="search"
        value={search.search ?? ""}
        onChange={(text) => filter({ search: text === "" ? undefined : text })}
      />
      <EventTypeFilter
        value={search.types?.[0]}
        onChange={(type) => filter({ types: type === undefined ? undefined : [type] })}
      />
      <Select
        label={health.label}
        value={search.health ?? ""}
        onChange={(value) => filter({ health: value === "" ? undefined : value })}
        options={[
          { value: "", label: texts.common.all },
          ...["failing", "degraded", "healthy", "unknown"].map((value) => ({ value, label: health[value] ?? value })),
        ]}
      />
      <Select
        label={status.label}
        value={search.status ?? ""}
        onChange={(value) => filter({ status: value === "" ? undefined : value })}
        options={[
          { value: "", label: texts.common.all },
          { value: "enabled", label: status.enabled },
          { value: "disabled", label: status.disabled },
        ]}
      />
    </Filters>
  );
}

function CreateLink() {
  return (
    <Link to="/subscriptions/new" className={buttonClass("primary")}>
      <Plus size={16} aria-hidden="true" />
      {texts.subscriptions.create}
    </Link>
  );
}

function NothingYet({ mayWrite }: { mayWrite: boolean }) {
  return (
    <Empty title={texts.subscriptions.empty} actions={mayWrite && <CreateLink />}>
      {texts.subscriptions.emptyNext}
    </Empty>
  );
}
