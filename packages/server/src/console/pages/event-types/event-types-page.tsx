import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { EventType } from "@weft/sdk";
import { Plus } from "lucide-react";
import { catalogueQuery } from "../../api/event-types.ts";
import { useMay, useMayDefineEventTypes, useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { Tag } from "../../ui/badge.tsx";
import { buttonClass } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Checkbox, Filters, TextField } from "../../ui/field.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Line, Page, Quiet } from "../../ui/page.tsx";
import { Prose } from "../../ui/prose.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { EventTypeBadges } from "./event-type-badges.tsx";
import { FirstEventType, UnknownEventTypesCard } from "./unknown-event-types.tsx";

const columns: readonly Column<EventType>[] = [
  {
    key: "name",
    header: texts.eventTypes.columns.name,
    cell: ({ name }) => <Tag>{name}</Tag>,
  },
  {
    key: "description",
    header: texts.eventTypes.columns.description,
    cell: (type) => (
      <Line>
        <Quiet>
          <Prose text={type.description} />
        </Quiet>
        <EventTypeBadges type={type} />
      </Line>
    ),
  },
];

/** The catalogue, with a card for each group. */
export function EventTypesPage() {
  const { search = "", archived } = useSearch({ from: "/event-types" });
  const navigate = useNavigate({ from: "/event-types" });
  const mayDefine = useMayDefineEventTypes();
  const { data, error, refetch } = useQuery(catalogueQuery(useApi()));
  const isAdmin = useMay("admin");
  const { organization, via } = useSession();
  const isFirst =
    isAdmin && organization.unknown_event_types === "refuse" && data?.every((type) => type.built_in) === true;
  const showsArchived = archived === "true";
  const wanted = search.toLowerCase();
  const found = data
    ?.filter((type) => showsArchived || !type.archived)
    .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted));
  const ownFirst = found?.toSorted((a, b) => Number(a.built_in) - Number(b.built_in));
  const groups = [...Map.groupBy(ownFirst ?? [], ({ group }) => group)];
  return (
    <Page
      title={texts.frame.pages.eventTypes}
      lead={texts.eventTypes.lead}
      actions={
        mayDefine && (
          <Link to="/new-event-type" className={buttonClass("primary")}>
            <Plus size={16} aria-hidden="true" />
            {texts.eventTypes.create}
          </Link>
        )
      }
    >
      {isFirst && <FirstEventType />}
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
          {data?.some((type) => type.archived) === true && (
            <Checkbox
              label={texts.eventTypes.showArchived}
              checked={showsArchived}
              onChange={(checked) =>
                void navigate({
                  search: (before) => ({ ...before, archived: checked ? "true" : undefined }),
                  replace: true,
                })
              }
            />
          )}
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
      {data !== undefined && !isFirst && via !== "portal" && <UnknownEventTypesCard />}
    </Page>
  );
}
