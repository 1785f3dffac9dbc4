import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { EventType } from "@weft/sdk";
import { eventTypesQuery } from "../../api/event-types.ts";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Tag } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { Filters, TextField } from "../../ui/field.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Page, Quiet } from "../../ui/page.tsx";
import { type Column, Table } from "../../ui/table.tsx";

const columns: readonly Column<EventType>[] = [
  { key: "name", header: texts.eventTypes.columns.name, tight: true, cell: ({ name }) => <Tag>{name}</Tag> },
  {
    key: "description",
    header: texts.eventTypes.columns.description,
    cell: ({ description }) => <Quiet>{description}</Quiet>,
  },
];

/** The catalogue, a card for each group. */
export function EventTypesPage() {
  const { search = "" } = useSearch({ from: "/event-types" });
  const navigate = useNavigate({ from: "/event-types" });
  const { data, error, refetch } = useQuery(eventTypesQuery(useApi()));
  const wanted = search.toLowerCase();
  const found = data?.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted));
  const groups = [...Map.groupBy(found ?? [], ({ group }) => group)];
  return (
    <Page title={texts.frame.pages.eventTypes} lead={texts.eventTypes.lead}>
      <Card flush label={texts.eventTypes.search}>
        <Filters>
          <TextField
            label={texts.eventTypes.search}
            placeholder={texts.eventTypes.searchPlaceholder}
            type="search"
            value={search}
            onChange={(text) =>
              void navigate({
                search: (before) => ({ ...before, search: text === "" ? undefined : text }),
                replace: true,
              })
            }
          />
        </Filters>
      </Card>
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {found?.length === 0 && <Empty title={texts.eventTypes.empty} />}
      {groups.map(([group, types]) => (
        <Card key={group} title={group} flush>
          <Table
            label={`${texts.eventTypes.list}: ${group}`}
            columns={columns}
            rows={types}
            rowKey={({ name }) => name}
            rowLink={({ name }) => ({ to: "/event-types/$name", params: { name } })}
            empty={null}
          />
        </Card>
      ))}
    </Page>
  );
}
