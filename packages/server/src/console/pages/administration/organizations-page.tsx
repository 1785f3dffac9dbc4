import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Organization } from "@weft/sdk";
import { EllipsisVertical, Plus } from "lucide-react";
import { useState } from "react";
import { useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { organizationName } from "../../layout/organization-name.ts";
import { sortingIn, sortQuery, sortText } from "../../sorting.ts";
import { texts } from "../../texts/texts.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CursorPager } from "../../ui/cursor-pager.tsx";
import { Menu } from "../../ui/menu.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Line, Page } from "../../ui/page.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import { CreateOrganizationDialog, DeleteOrganizationDialog, EditOrganizationDialog } from "./organization-dialogs.tsx";
import { PortalDialog } from "./portal-dialog.tsx";

const pageSize = 50;
const words = texts.administration.organizations;

type Open =
  | { readonly kind: "create" }
  | { readonly kind: "portal" | "edit" | "delete"; readonly organization: Organization };

/** All tenants, for operators. */
export function OrganizationsPage() {
  const { is_operator: isOperator } = useSession();
  if (isOperator) return <Organizations />;
  return (
    <Page title={texts.frame.pages.organizations}>
      <Empty title={words.onlyOperators} />
    </Page>
  );
}

function Organizations() {
  const { weft } = useApi();
  const { cursor, sort } = useSearch({ from: "/organizations" });
  const navigate = useNavigate({ from: "/organizations" });
  const { organization: here } = useSession();
  const [open, setOpen] = useState<Open | null>(null);
  const sorting = sortingIn(sort, ["name", "created"]);
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: ["organizations", "list", { cursor, sort }],
    queryFn: ({ signal }) =>
      weft.organizations.listOrganizations({ limit: pageSize, cursor, ...sortQuery(sorting) }, { signal }),
    placeholderData: keepPreviousData,
  });
  const close = () => setOpen(null);
  const goTo = (organization: Organization) => void navigate({ to: "/", search: { org: organization.id } });
  return (
    <Page
      title={texts.frame.pages.organizations}
      lead={words.lead}
      actions={
        <Button kind="primary" onPress={() => setOpen({ kind: "create" })}>
          <Plus size={16} aria-hidden="true" />
          {words.create}
        </Button>
      }
    >
      <Card flush label={words.list}>
        {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
        <Table
          label={words.list}
          columns={[...columnsFor(here.id), actionsColumn(setOpen, goTo)]}
          rows={data?.items}
          rowKey={({ id }) => id}
          sorting={sorting}
          onSort={(next) => void navigate({ search: ({ org }) => ({ org, sort: sortText(next) }), replace: true })}
          empty={null}
        />
        <CursorPager
          cursor={cursor}
          nextCursor={isPlaceholderData ? null : data?.nextCursor}
          onGo={(next) => void navigate({ search: (before) => ({ ...before, cursor: next }) })}
        />
      </Card>
      {open?.kind === "create" && <CreateOrganizationDialog onClose={close} />}
      {open?.kind === "portal" && <PortalDialog organization={open.organization} onClose={close} />}
      {open?.kind === "edit" && <EditOrganizationDialog organization={open.organization} onClose={close} />}
      {open?.kind === "delete" && <DeleteOrganizationDialog organization={open.organization} onClose={close} />}
    </Page>
  );
}

function columnsFor(hereId: string): readonly Column<Organization>[] {
  return [
    {
      key: "name",
      header: words.columns.name,
      sort: "name",
      cell: (organization) => (
        <Line>
          {organizationName(organization)}
          {organization.id === hereId && <Badge tone="info">{words.here}</Badge>}
        </Line>
      ),
    },
    { key: "id", header: words.columns.id, from: "tablet", cell: ({ id }) => <code>{id}</code> },
    {
      key: "created",
      header: words.columns.created,
      sort: "created",
      sortsDescending: true,
      align: "number",
      tight: true,
      cell: ({ created_at }) => <TimeAgo at={created_at} />,
    },
  ];
}

function actionsColumn(setOpen: (open: Open) => void, goTo: (to: Organization) => void): Column<Organization> {
  return {
    key: "actions",
    header: <span className="visually-hidden">{words.columns.actions}</span>,
    tight: true,
    cell: (organization) => (
      <Menu
        label={words.actionsOf(organizationName(organization))}
        kind="quiet"
        size="small"
        trigger={<EllipsisVertical size={16} aria-hidden="true" />}
        entries={[
          { key: "switch", label: words.switchTo, onPress: () => goTo(organization) },
          ...(["portal", "edit", "delete"] as const).map((kind) => ({
            key: kind,
            label: words[kind],
            danger: kind === "delete",
            onPress: () => setOpen({ kind, organization }),
          })),
        ]}
      />
    ),
  };
}
