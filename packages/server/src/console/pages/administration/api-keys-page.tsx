import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ApiKey, NewApiKey } from "@weft/sdk";
import { EllipsisVertical, Plus } from "lucide-react";
import { useState } from "react";
import { useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { sortingIn, sortQuery, sortText } from "../../sorting.ts";
import { texts } from "../../texts/texts.ts";
import { Badge, Tag } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CursorPager } from "../../ui/cursor-pager.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Menu } from "../../ui/menu.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Line, Page, Quiet } from "../../ui/page.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { TimeAgo, TimeUntil, useNow } from "../../ui/time.tsx";
import { CreateKeyDialog } from "./create-key-dialog.tsx";
import { DeleteKeyDialog, RotateKeyDialog } from "./key-dialogs.tsx";
import { ShownKey } from "./shown-key.tsx";

const pageSize = 50;
const words = texts.administration.keys;

type Open = { readonly kind: "create" } | { readonly kind: "rotate" | "delete"; readonly key: ApiKey };

/** The organization's keys. A key itself is shown only when it is created. */
export function ApiKeysPage() {
  const { weft, scope } = useApi();
  const { cursor, sort } = useSearch({ from: "/api-keys" });
  const navigate = useNavigate({ from: "/api-keys" });
  const { actor } = useSession();
  const [open, setOpen] = useState<Open | null>(null);
  // Kept only in this page's memory, until the user has read it.
  const [made, setMade] = useState<NewApiKey | null>(null);
  const sorting = sortingIn(sort, ["name", "last_used", "created"]);
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: [...scope, "api-keys", { cursor, sort }],
    queryFn: ({ signal }) => weft.apiKeys.listApiKeys({ limit: pageSize, cursor, ...sortQuery(sorting) }, { signal }),
    placeholderData: keepPreviousData,
  });
  function close(): void {
    setOpen(null);
  }
  function show(key: NewApiKey): void {
    setMade(key);
    close();
  }
  const create = (
    <Button kind="primary" onPress={() => setOpen({ kind: "create" })}>
      <Plus size={16} aria-hidden="true" />
      {words.create}
    </Button>
  );
  return (
    <Page title={texts.frame.pages.apiKeys} lead={words.lead} actions={create}>
      <Card flush label={words.list}>
        {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
        <Table
          label={words.list}
          columns={[...columnsFor(actor.id), actionsColumn(setOpen)]}
          rows={data?.items}
          rowKey={({ id }) => id}
          sorting={sorting}
          onSort={(next) => void navigate({ search: ({ org }) => ({ org, sort: sortText(next) }), replace: true })}
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
      {open?.kind === "create" && <CreateKeyDialog onMade={show} onClose={close} />}
      {open?.kind === "rotate" && <RotateKeyDialog apiKey={open.key} onMade={show} onClose={close} />}
      {open?.kind === "delete" && <DeleteKeyDialog apiKey={open.key} onClose={close} />}
      {made !== null && <ShownKey made={made} onClose={() => setMade(null)} />}
    </Page>
  );
}

function columnsFor(ownId: string | null): readonly Column<ApiKey>[] {
  return [
    {
      key: "name",
      header: words.columns.name,
      sort: "name",
      cell: ({ id, name, overlap_until: overlap }) => (
        <Line>
          {name}
          {id === ownId && <Badge tone="info">{words.yours}</Badge>}
          {overlap !== null && <Overlap until={overlap} />}
        </Line>
      ),
    },
    {
      key: "prefix",
      header: words.columns.prefix,
      tight: true,
      from: "tablet",
      cell: ({ prefix }) => <code>{prefix}…</code>,
    },
    {
      key: "scopes",
      header: words.columns.scopes,
      from: "tablet",
      cell: ({ scopes }) => (
        <Line>
          {scopes.map((scope) => (
            <Tag key={scope}>{scope}</Tag>
          ))}
        </Line>
      ),
    },
    {
      key: "created",
      header: words.columns.created,
      sort: "created",
      sortsDescending: true,
      align: "number",
      tight: true,
      from: "desktop",
      cell: ({ created_at }) => <TimeAgo at={created_at} />,
    },
    {
      key: "lastUsed",
      header: words.columns.lastUsed,
      sort: "last_used",
      sortsDescending: true,
      align: "number",
      tight: true,
      cell: ({ last_used_at: at }) => (at === null ? <Quiet>{texts.common.never}</Quiet> : <TimeAgo at={at} />),
    },
    { key: "expires", header: words.columns.expires, tight: true, cell: ({ expires_at }) => <Ends at={expires_at} /> },
  ];
}

/** Shown until the key before the rotation expires. */
function Overlap({ until }: { until: string }) {
  const leftMs = Date.parse(until) - useNow();
  if (leftMs <= 0) return null;
  return (
    <Quiet>
      {words.overlapping} {formatDuration(leftMs)}
    </Quiet>
  );
}

function Ends({ at }: { at: string | null }) {
  const now = useNow();
  if (at === null) return <Quiet>{words.endsNever}</Quiet>;
  return Date.parse(at) <= now ? <Badge tone="quiet">{words.ended}</Badge> : <TimeUntil at={at} />;
}

function actionsColumn(setOpen: (open: Open) => void): Column<ApiKey> {
  return {
    key: "actions",
    header: <span className="visually-hidden">{words.columns.actions}</span>,
    tight: true,
    cell: (key) => (
      <Menu
        label={words.actionsOf(key.name)}
        kind="quiet"
        size="small"
        trigger={<EllipsisVertical size={16} aria-hidden="true" />}
        entries={[
          { key: "rotate", label: words.rotate, onPress: () => setOpen({ kind: "rotate", key }) },
          { key: "delete", label: words.delete, danger: true, onPress: () => setOpen({ kind: "delete", key }) },
        ]}
      />
    ),
  };
}
