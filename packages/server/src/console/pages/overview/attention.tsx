import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Backlog, SubscriptionListItem } from "@weft/sdk";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Card } from "../../ui/card.tsx";
import { formatCount } from "../../ui/format.ts";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Quiet } from "../../ui/page.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Url } from "../../ui/wrapped.tsx";
import { HealthBadge } from "../subscriptions/health-badge.tsx";

const shownMax = 10;

interface AttentionProps {
  readonly backlog: Backlog | undefined;
  /** Only subscriptions that receive one of these event types. */
  readonly types: readonly string[] | undefined;
}

/** Subscriptions that were disabled automatically, and those that fail. */
export function Attention({ backlog, types }: AttentionProps) {
  const { weft, scope } = useApi();
  const { data, error } = useQuery({
    queryKey: [...scope, "overview", "attention", types],
    queryFn: async ({ signal }) => {
      const lists = await Promise.all(
        (
          [
            { status: "disabled_automatically" },
            { status: "enabled", health: "failing" },
            { status: "enabled", health: "degraded" },
          ] as const
        ).map((filter) =>
          weft.webhooks.listSubscriptions({ ...filter, event_types: types, limit: shownMax }, { signal }),
        ),
      );
      return lists.flatMap(({ items }) => items).slice(0, shownMax);
    },
  });
  const { attention } = texts.overview;
  return (
    <Card
      title={attention.title}
      actions={
        <Link to="/subscriptions" search={{ types: types?.slice() }}>
          {attention.all}
        </Link>
      }
      flush
    >
      {error !== null && <Problem error={error} />}
      <Table
        label={attention.title}
        columns={columnsWith(backlog)}
        rows={data}
        rowKey={({ id }) => id}
        rowLink={({ id }) => ({ to: "/subscriptions/$subscriptionId", params: { subscriptionId: id } })}
        rowsExpected={3}
        empty={<Empty title={attention.none} />}
      />
    </Card>
  );
}

function columnsWith(backlog: Backlog | undefined): readonly Column<SubscriptionListItem>[] {
  const waiting = new Map(backlog?.subscriptions.map((entry) => [entry.subscription_id, entry.due]));
  const { columns } = texts.overview.attention;
  return [
    { key: "url", header: columns.url, cell: ({ url }) => <Url>{url}</Url> },
    {
      key: "health",
      header: columns.health,
      tight: true,
      cell: (subscription) => <HealthBadge subscription={subscription} />,
    },
    {
      key: "reason",
      header: columns.reason,
      from: "tablet",
      cell: ({ disabled_reason: reason, held_back: heldBack }) => reason ?? heldBack?.reason ?? <Quiet>–</Quiet>,
    },
    {
      key: "waiting",
      header: columns.waiting,
      align: "number",
      tight: true,
      cell: ({ id }) => {
        const count = waiting.get(id);
        return count === undefined ? <Quiet>–</Quiet> : formatCount(count);
      },
    },
  ];
}
