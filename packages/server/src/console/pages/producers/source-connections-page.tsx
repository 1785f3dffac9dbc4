import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { syncingPollMs } from "../../api/producers.ts";
import { useMay } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { texts } from "../../texts/texts.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CursorPager } from "../../ui/cursor-pager.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { ConnectionTable } from "./connection-table.tsx";

const pageSize = 50;
const words = texts.producers.connections;

export function SourceConnectionsPage() {
  const { weft, scope } = useApi();
  const { cursor } = useSearch({ from: "/source-connections" });
  const navigate = useNavigate({ from: "/source-connections" });
  const mayWrite = useMay("write");
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: [...scope, "source-connections", { cursor }],
    queryFn: ({ signal }) => weft.sourceConnections.listSourceConnections({ limit: pageSize, cursor }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ status }) => status === "syncing") === true ? syncingPollMs : false,
  });
  const create = mayWrite && <CreateConnectionLink />;
  return (
    <Page title={texts.frame.pages.sourceConnections} lead={words.lead} actions={create}>
      <Card flush label={words.list}>
        {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
        <ConnectionTable
          rows={data?.items}
          showsCollection
          empty={
            <Empty title={words.empty} actions={create}>
              {words.emptyNext}
            </Empty>
          }
        />
        <CursorPager
          cursor={cursor}
          nextCursor={isPlaceholderData ? null : data?.nextCursor}
          onGo={(next) => void navigate({ search: (before) => ({ ...before, cursor: next }) })}
        />
      </Card>
    </Page>
  );
}

/** A link to a new connection, in a given collection if there is one. */
export function CreateConnectionLink({ collection }: { collection?: string }) {
  return (
    <Link to="/source-connections/new" search={{ collection }} className={buttonClass("primary")}>
      <Plus size={16} aria-hidden="true" />
      {words.create}
    </Link>
  );
}
