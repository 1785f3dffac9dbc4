import { Link } from "@tanstack/react-router";
import type { SourceConnectionListItem } from "@weft/sdk";
import type { ReactNode } from "react";
import { texts } from "../../texts/texts.ts";
import { Tag } from "../../ui/badge.tsx";
import { formatCount } from "../../ui/format.ts";
import { Quiet } from "../../ui/page.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import { ScheduleText } from "./schedule-text.tsx";
import { ConnectionStatus } from "./status-badges.tsx";

interface ConnectionTableProps {
  readonly rows: readonly SourceConnectionListItem[] | undefined;
  /** Left out if all connections have the same collection. */
  readonly showsCollection: boolean;
  readonly empty: ReactNode;
}

/** Source connections, each with the times of its last and its next sync. */
export function ConnectionTable({ rows, showsCollection, empty }: ConnectionTableProps) {
  return (
    <Table
      label={words.list}
      columns={showsCollection ? columns : columns.filter(({ key }) => key !== "collection")}
      rows={rows}
      rowKey={({ id }) => id}
      rowLink={({ id }) => ({
        to: "/source-connections/$sourceConnectionId",
        params: { sourceConnectionId: id },
      })}
      empty={empty}
    />
  );
}

const words = texts.producers.connections;

const columns: readonly Column<SourceConnectionListItem>[] = [
  { key: "name", header: words.columns.name, cell: ({ name }) => name },
  {
    key: "status",
    header: words.columns.status,
    tight: true,
    cell: ({ status }) => <ConnectionStatus status={status} />,
  },
  { key: "source", header: words.columns.source, from: "tablet", cell: ({ short_name }) => <Tag>{short_name}</Tag> },
  {
    key: "collection",
    header: words.columns.collection,
    from: "tablet",
    cell: ({ readable_collection_id: readableId }) => (
      <Link to="/collections/$readableId" params={{ readableId }}>
        {readableId}
      </Link>
    ),
  },
  {
    key: "schedule",
    header: words.columns.schedule,
    from: "desktop",
    cell: ({ schedule }) => <ScheduleText schedule={schedule} />,
  },
  {
    key: "entities",
    header: words.columns.entities,
    align: "number",
    tight: true,
    from: "tablet",
    cell: ({ entity_count }) => formatCount(entity_count),
  },
  {
    key: "last",
    header: words.columns.last,
    align: "number",
    tight: true,
    cell: ({ last_job: job }) => {
      const at = job?.completed_at ?? job?.started_at ?? null;
      return at === null ? <Quiet>{texts.common.never}</Quiet> : <TimeAgo at={at} />;
    },
  },
];
