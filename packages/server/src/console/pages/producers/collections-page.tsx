import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Collection } from "@weft/sdk";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useMay } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Tag } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CursorPager } from "../../ui/cursor-pager.tsx";
import { Filters, TextField } from "../../ui/field.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Line, Page, Quiet } from "../../ui/page.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import { CreateCollectionDialog } from "./collection-dialogs.tsx";
import { CollectionStatus } from "./status-badges.tsx";

const pageSize = 50;
const sourcesShown = 3;
const words = texts.producers.collections;

export function CollectionsPage() {
  const { weft, scope } = useApi();
  const search = useSearch({ from: "/collections" });
  const navigate = useNavigate({ from: "/collections" });
  const mayWrite = useMay("write");
  const [isCreating, setCreating] = useState(false);
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: [...scope, "collections", search],
    queryFn: ({ signal }) =>
      weft.collections.listCollections({ limit: pageSize, cursor: search.cursor, search: search.search }, { signal }),
    placeholderData: keepPreviousData,
  });
  const create = mayWrite && (
    <Button kind="primary" onPress={() => setCreating(true)}>
      <Plus size={16} aria-hidden="true" />
      {words.create}
    </Button>
  );
  return (
    <Page title={texts.frame.pages.collections} lead={words.lead} actions={create}>
      <Card flush label={words.list}>
        <Filters>
          <TextField
            label={words.search}
            placeholder={words.searchPlaceholder}
            type="search"
            value={search.search ?? ""}
            onChange={(text) =>
              void navigate({
                search: (before) => ({ ...before, search: text === "" ? undefined : text, cursor: undefined }),
                replace: true,
              })
            }
          />
        </Filters>
        {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
        <Table
          label={words.list}
          columns={columns}
          rows={data?.items}
          rowKey={({ id }) => id}
          rowLink={({ readable_id }) => ({ to: "/collections/$readableId", params: { readableId: readable_id } })}
          empty={
            search.search === undefined ? (
              <Empty title={words.empty} actions={create}>
                {words.emptyNext}
              </Empty>
            ) : (
              <Empty title={words.emptyFiltered} />
            )
          }
        />
        <CursorPager
          cursor={search.cursor}
          nextCursor={isPlaceholderData ? null : data?.nextCursor}
          onGo={(cursor) => void navigate({ search: (before) => ({ ...before, cursor }) })}
        />
      </Card>
      <CreateCollectionDialog open={isCreating} onClose={() => setCreating(false)} />
    </Page>
  );
}

const columns: readonly Column<Collection>[] = [
  { key: "name", header: words.columns.name, cell: ({ name }) => name },
  {
    key: "status",
    header: words.columns.status,
    tight: true,
    cell: ({ status }) => <CollectionStatus status={status} />,
  },
  { key: "id", header: words.columns.id, from: "tablet", cell: ({ readable_id }) => <code>{readable_id}</code> },
  {
    key: "sources",
    header: words.columns.sources,
    from: "tablet",
    cell: ({ source_connection_summaries: sources }) => <Sources sources={sources} />,
  },
  {
    key: "created",
    header: words.columns.created,
    align: "number",
    tight: true,
    from: "desktop",
    cell: ({ created_at }) => <TimeAgo at={created_at} />,
  },
];

function Sources({ sources }: { sources: Collection["source_connection_summaries"] }) {
  const names = [...new Set(sources.map(({ short_name }) => short_name))];
  if (names.length === 0) return <Quiet>–</Quiet>;
  return (
    <Line>
      {names.slice(0, sourcesShown).map((name) => (
        <Tag key={name}>{name}</Tag>
      ))}
      {names.length > sourcesShown && <Quiet>{words.sourcesMore(names.length - sourcesShown)}</Quiet>}
    </Line>
  );
}
