import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { AuditEntry, Organization } from "@weft/sdk";
import { organizationsQuery } from "../../api/organizations.ts";
import { useSession } from "../../api/session.tsx";
import { useApi } from "../../api/weft.tsx";
import { organizationName } from "../../layout/organization-name.ts";
import { texts } from "../../texts/texts.ts";
import { windowQuery } from "../../time-window.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { CursorPager } from "../../ui/cursor-pager.tsx";
import { Filters, Select } from "../../ui/field.tsx";
import { Empty, Problem } from "../../ui/notice.tsx";
import { Page, Quiet } from "../../ui/page.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import { TypedField } from "../../ui/typed-field.tsx";
import { WindowFilter } from "../../ui/window-filter.tsx";
import styles from "./audit-log.module.css";

const pageSize = 50;
const words = texts.administration.audit;

/** The audit log of an organization. Operators may view all organizations together. */
export function AuditLogPage() {
  const api = useApi();
  const { weft, scope } = api;
  const { is_operator: isOperator } = useSession();
  const search = useSearch({ from: "/audit-log" });
  const navigate = useNavigate({ from: "/audit-log" });
  const { operation, key, since, until, cursor } = search;
  const isEverywhere = isOperator && search.whose === "all";
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: [...scope, "audit-log", search],
    queryFn: ({ signal }) =>
      weft.organizations.listAuditLog(
        {
          ...{ limit: pageSize, cursor, operation, api_key_id: key },
          ...windowQuery({ since, until }, Date.now()),
          ...(isEverywhere && { everywhere: true }),
        },
        { signal },
      ),
    placeholderData: keepPreviousData,
  });
  const { data: organizations } = useQuery({ ...organizationsQuery(api), enabled: isEverywhere });
  const isFiltered = [operation, key, since, until].some((filter) => filter !== undefined);
  return (
    <Page title={texts.frame.pages.auditLog} lead={words.lead}>
      <Card flush label={words.list}>
        <AuditFilters />
        {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
        <Table
          label={words.list}
          columns={isEverywhere ? [...columns, organizationColumn(organizations ?? [])] : columns}
          rows={data?.items}
          rowKey={({ id }) => id}
          rowsExpected={12}
          empty={<Empty title={isFiltered ? words.emptyFiltered : words.empty} />}
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

function AuditFilters() {
  const search = useSearch({ from: "/audit-log" });
  const navigate = useNavigate({ from: "/audit-log" });
  const { is_operator: isOperator } = useSession();
  const { filters } = words;
  function filter(change: Partial<typeof search>): void {
    void navigate({ search: (before) => ({ ...before, ...change, cursor: undefined }), replace: true });
  }
  return (
    <Filters>
      <TypedField
        label={filters.operation}
        placeholder={filters.operationPlaceholder}
        value={search.operation}
        onChange={(operation) => filter({ operation })}
      />
      <TypedField
        label={filters.key}
        placeholder={filters.keyPlaceholder}
        value={search.key}
        onChange={(key) => filter({ key })}
      />
      <WindowFilter label={filters.time} value={search} onChange={({ since, until }) => filter({ since, until })} />
      {isOperator && (
        <Select
          label={filters.whose}
          value={search.whose === "all" ? "all" : "here"}
          onChange={(whose) => filter({ whose: whose === "all" ? whose : undefined })}
          options={[
            { value: "here", label: filters.here },
            { value: "all", label: filters.everywhere },
          ]}
        />
      )}
    </Filters>
  );
}

const columns: readonly Column<AuditEntry>[] = [
  { key: "at", header: words.columns.at, tight: true, cell: ({ timestamp }) => <TimeAgo at={timestamp} /> },
  { key: "actor", header: words.columns.actor, cell: ({ actor }) => <Actor actor={actor} /> },
  {
    key: "operation",
    header: words.columns.operation,
    cell: ({ operation, method, path, subjects, kind, count }) => (
      <span className={styles.two}>
        <span>{[operation, ...words.kinds[kind], ...(count > 1 ? [words.calls(count)] : [])].join(" · ")}</span>
        {subjects.length === 0 ? (
          <code className={styles.path}>
            {method} {path}
          </code>
        ) : (
          <span className={styles.path} title={`${method} ${path}`}>
            {subjects.map((subject) => (
              <Subject key={`${subject.kind} ${subject.id}`} subject={subject} />
            ))}
          </span>
        )}
      </span>
    ),
  },
  {
    key: "fields",
    header: words.columns.fields,
    from: "desktop",
    cell: ({ fields }) => (fields.length === 0 ? <Quiet>–</Quiet> : fields.join(", ")),
  },
  { key: "status", header: words.columns.status, tight: true, cell: ({ status }) => <Answer status={status} /> },
  {
    key: "address",
    header: words.columns.address,
    from: "desktop",
    tight: true,
    cell: ({ address, forwarded_for: forwarded }) => (
      <code title={forwarded ?? undefined}>{address ?? words.unknownStatus}</code>
    ),
  },
];

function organizationColumn(organizations: readonly Organization[]): Column<AuditEntry> {
  const names = new Map(organizations.map((organization) => [organization.id, organizationName(organization)]));
  return {
    key: "organization",
    header: words.columns.organization,
    cell: ({ organization_id: id }) => <span title={id}>{names.get(id) ?? <code>{id}</code>}</span>,
  };
}

/** The name of a thing. Its id is shown on hover and can be copied. */
function Subject({ subject: { kind, id, name } }: { subject: AuditEntry["subjects"][number] }) {
  return (
    <span className={styles.subject} title={id}>
      {words.subjects[kind]} {name}
      <CopyButton text={id} label={words.copyId(name)} />
    </span>
  );
}

function Actor({ actor }: Pick<AuditEntry, "actor">) {
  const { kind, name, via } = actor;
  return (
    <span className={styles.two}>
      <span>{name ?? words.actors[kind]}</span>
      {(name !== null || via !== null) && (
        <Quiet>
          {[name === null ? null : words.actors[kind], via === null ? null : words.via[via]]
            .filter((part) => part !== null)
            .join(", ")}
        </Quiet>
      )}
    </span>
  );
}

function Answer({ status }: Pick<AuditEntry, "status">) {
  if (status === null) return <Quiet>{words.unknownStatus}</Quiet>;
  const tone: Tone = status < 300 ? "good" : status < 500 ? "warning" : "bad";
  return <Badge tone={tone}>{status}</Badge>;
}
