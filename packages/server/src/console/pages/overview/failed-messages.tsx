import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Message } from "@weft/sdk";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Tag } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import { MessageStatus } from "../messages/message-status.tsx";

const shownMax = 10;

/** The newest messages with a failed delivery, without test events. */
export function FailedMessages({ types }: { types: readonly string[] | undefined }) {
  const { weft, scope } = useApi();
  const { data, error } = useQuery({
    queryKey: [...scope, "overview", "failed", types],
    queryFn: ({ signal }) =>
      weft.webhooks.listMessages(
        { status: "failed", event_types: types, include_tests: false, limit: shownMax },
        { signal },
      ),
  });
  const { failures } = texts.overview;
  return (
    <Card
      title={failures.title}
      actions={
        <Link to="/messages" search={{ status: "failed", types: types?.slice() }}>
          {failures.all}
        </Link>
      }
      flush
    >
      {error !== null && <Problem error={error} />}
      <Table
        label={failures.title}
        columns={columns}
        rows={data?.items}
        rowKey={({ id }) => id}
        rowLink={({ id }) => ({ to: "/messages/$messageId", params: { messageId: id } })}
        rowsExpected={3}
        empty={<Empty title={types === undefined ? failures.none : failures.noneFiltered} />}
      />
    </Card>
  );
}

const { columns: headers } = texts.overview.failures;

const columns: readonly Column<Message>[] = [
  { key: "type", header: headers.type, cell: ({ event_type }) => <Tag>{event_type}</Tag> },
  { key: "deliveries", header: headers.deliveries, cell: (message) => <MessageStatus message={message} /> },
  { key: "at", header: headers.at, align: "number", tight: true, cell: ({ timestamp }) => <TimeAgo at={timestamp} /> },
];
