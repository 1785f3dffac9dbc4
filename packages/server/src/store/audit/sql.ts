import type { Actor, AuditEntry, AuditKind } from "../../domain/audit-entry.ts";
import type { AuditSubject, AuditSubjectKind } from "../../domain/audit-subject.ts";
import { type AuditEntryId, firstIdAt, type OrganizationId } from "../../domain/id.ts";
import type { CommandsOf, QueriesOf } from "../operations.ts";
import { lastId, type ReadContext, type SqlValue, type WriteContext } from "../sql.ts";
import type { AuditStore, ListAuditEntries, NamedSubject } from "./interface.ts";

export const lists = { listAuditEntries, readSubjectNames } satisfies QueriesOf<AuditStore>;

export const commands = { addAuditEntry, endAuditEntry, deleteAuditBefore } satisfies CommandsOf<AuditStore>;

async function addAuditEntry({ sql }: WriteContext, { entry }: { entry: AuditEntry }): Promise<null> {
  await sql.run(
    `insert into audit_entry (id, kind, count, last_at, organization_id, actor_kind, actor_id, actor_name, actor_via, address,
       forwarded_for, operation, method, path, fields, request_id, created_at, status)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    entry.id,
    entry.kind,
    entry.count,
    entry.lastAt,
    entry.organizationId,
    entry.actor.kind,
    entry.actor.id,
    entry.actor.name,
    entry.actor.via,
    entry.address,
    entry.forwardedFor,
    entry.operation,
    entry.method,
    entry.path,
    JSON.stringify(entry.fields),
    entry.requestId,
    entry.createdAt,
    entry.status,
  );
  return null;
}

async function endAuditEntry(
  { sql }: WriteContext,
  { entryId, status }: { entryId: AuditEntryId; status: number },
): Promise<null> {
  await sql.run("update audit_entry set status = ? where id = ?", status, entryId);
  return null;
}

interface Row {
  readonly id: AuditEntryId;
  readonly kind: AuditKind;
  readonly count: number;
  readonly last_at: number | null;
  readonly organization_id: OrganizationId;
  readonly actor_kind: Actor["kind"];
  readonly actor_id: string | null;
  readonly actor_name: string | null;
  readonly actor_via: Actor["via"];
  readonly address: string | null;
  readonly forwarded_for: string | null;
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly fields: string;
  readonly request_id: string;
  readonly created_at: number;
  readonly status: number | null;
}

async function listAuditEntries({ sql }: ReadContext, params: ListAuditEntries): Promise<AuditEntry[]> {
  const { organizationId, kind, operation, actorId, since, until, cursor } = params;
  const end = until === null ? lastId : firstIdAt<"auditEntry">(until);
  const conditions = ["id >= ?", "id < ?"];
  const values: SqlValue[] = [firstIdAt(since ?? 0), cursor !== null && cursor < end ? cursor : end];
  function where(condition: string, value: SqlValue): void {
    if (value === null) return;
    conditions.push(condition);
    values.push(value);
  }
  where("organization_id = ?", organizationId);
  where("kind = ?", kind);
  where("operation = ?", operation);
  where("actor_id = ?", actorId);
  const rows = await sql.all<Row>(
    `select * from audit_entry where ${conditions.join(" and ")} order by id desc limit ?`,
    ...values,
    params.limit,
  );
  return rows.map(entryOf);
}

const selectNames: Readonly<Record<AuditSubjectKind, string>> = {
  subscription: "select id, url as name, organization_id from subscription",
  api_key: "select id, name, organization_id from api_key",
  organization: "select id, name, id as organization_id from organization",
  source_connection: "select id, name, organization_id from source_connection",
};

async function readSubjectNames(
  { sql }: ReadContext,
  { subjects }: { subjects: readonly AuditSubject[] },
): Promise<NamedSubject[]> {
  const found = await Promise.all(
    [...Map.groupBy(subjects, ({ kind }) => kind)].map(async ([kind, of]) => {
      const ids = [...new Set(of.map(({ id }) => id))];
      const rows = await sql.all<{ id: string; name: string; organization_id: OrganizationId }>(
        `${selectNames[kind]} where ${sql.dialect.isOneOf("id")}`,
        JSON.stringify(ids),
      );
      return rows.map(({ id, name, organization_id: organizationId }) => ({ kind, id, name, organizationId }));
    }),
  );
  return found.flat();
}

async function deleteAuditBefore(
  { sql }: WriteContext,
  { before, limit }: { before: number; limit: number },
): Promise<number> {
  return await sql.run(
    "delete from audit_entry where id in (select id from audit_entry where id < ? order by id limit ?)",
    firstIdAt(before),
    limit,
  );
}

function entryOf(row: Row): AuditEntry {
  return {
    id: row.id,
    kind: row.kind,
    count: row.count,
    lastAt: row.last_at,
    organizationId: row.organization_id,
    actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name, via: row.actor_via },
    address: row.address,
    forwardedFor: row.forwarded_for,
    operation: row.operation,
    method: row.method,
    path: row.path,
    fields: JSON.parse(row.fields) as string[],
    requestId: row.request_id,
    createdAt: row.created_at,
    status: row.status,
  };
}
