import { firstIdAt, type MessageId, type OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { operatorsOrganizationId } from "../../domain/operational-event.ts";
import { defaultNamespace, type Organization, type OrganizationChanges } from "../../domain/organization.ts";
import type { CommandsOf, Params, QueriesOf } from "../operations.ts";
import type { Page, PageOf, SortedPageOf } from "../page.ts";
import { deleteMessages } from "../retention/sql.ts";
import { sortedRows, timeKey } from "../sorted-rows.ts";
import { lastId, type ReadContext, type WriteContext } from "../sql.ts";
import type { FilterOrganizations, OrganizationSort, OrganizationStore, SortedOrganization } from "./interface.ts";
import { type OrganizationRow, organizationColumns, organizationIn } from "./organization-row.ts";

export const lookUps = {
  readOrganization,
  findOrganization,
  readFirstOrganization,
  listOrganizations,
  listOrganizationsOfOperators,
} satisfies QueriesOf<OrganizationStore>;

export const lists = {
  filterOrganizations,
  sortOrganizations,
} satisfies QueriesOf<OrganizationStore>;

export const commands = {
  createOrganization,
  updateOrganization,
  deleteOrganization,
  purgeOrganizations,
} satisfies CommandsOf<OrganizationStore>;

/** The organizations of operators are no tenants: see `isOperatorsOrganization`. */
export const isTenant = `id <> '${operatorsOrganizationId}' and substr(cast(id as text), 15, 1) <> '8'`;

const selectOrganization = `select ${organizationColumns} from organization
  where deleted_at is null`;

async function createOrganization(
  context: WriteContext,
  { organization, announce = [] }: Params<"createOrganization">,
): Promise<boolean> {
  const made = await context.sql.run(
    `insert into organization (id, name, namespace, uid, namespace_uid, description, metadata, rate_limit,
       unknown_event_types, retention_days, event_type_retention_days, created_at, modified_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    organization.id,
    organization.name,
    organization.namespace,
    ...uidValues(organization),
    organization.description,
    JSON.stringify(organization.metadata),
    organization.rateLimit,
    organization.unknownEventTypes,
    organization.retentionDays,
    JSON.stringify(organization.eventTypeRetentionDays),
    organization.createdAt,
    organization.modifiedAt,
  );
  if (made === 0) return false;
  await context.announce(announce);
  return true;
}

export async function readOrganization(
  { sql }: Pick<ReadContext, "sql">,
  { organizationId }: { organizationId: OrganizationId },
): Promise<Organization | null> {
  return organizationOf(await sql.get<OrganizationRow>(`${selectOrganization} and id = ?`, organizationId));
}

async function findOrganization(
  { sql }: Pick<ReadContext, "sql">,
  { namespace, uid }: { namespace: string; uid: string },
): Promise<Organization | null> {
  const row =
    namespace === defaultNamespace
      ? await sql.get<OrganizationRow>(`${selectOrganization} and uid = ?`, uid)
      : await sql.get<OrganizationRow>(`${selectOrganization} and namespace = ? and namespace_uid = ?`, namespace, uid);
  return organizationOf(row);
}

/** The columns `uid` and `namespace_uid`. Programs from before namespaces find an organization by the former. */
function uidValues({ namespace, uid }: Organization): [string | null, string | null] {
  return namespace === defaultNamespace ? [uid, null] : [null, uid];
}

async function readFirstOrganization({ sql }: ReadContext): Promise<Organization | null> {
  const row = await sql.get<OrganizationRow>(`${selectOrganization} and ${isTenant} order by id limit 1`);
  return organizationOf(row);
}

async function listOrganizations(
  { sql }: ReadContext,
  { cursor, limit, oldestFirst }: PageOf<OrganizationId> & { oldestFirst: boolean },
): Promise<Organization[]> {
  const rows = oldestFirst
    ? await sql.all<OrganizationRow>(
        `${selectOrganization} and ${isTenant} and id > ? order by id limit ?`,
        cursor ?? firstIdAt<"organization">(0),
        limit,
      )
    : await sql.all<OrganizationRow>(
        `${selectOrganization} and ${isTenant} and id < ? order by id desc limit ?`,
        cursor ?? lastId,
        limit,
      );
  return rows.map(organizationIn);
}

async function listOrganizationsOfOperators(
  { sql }: ReadContext,
  { cursor, limit }: PageOf<OrganizationId>,
): Promise<Organization[]> {
  const rows = await sql.all<OrganizationRow>(
    `${selectOrganization} and not (${isTenant}) and id > ? order by id limit ?`,
    cursor ?? firstIdAt<"organization">(0),
    limit,
  );
  return rows.map(organizationIn);
}

/** Whether an organization has a subscription with a further condition; each is one look-up in an index. */
function hasSubscription(condition = "true"): string {
  return `exists (select 1 from subscription
    where subscription.organization_id = examined.id and subscription.deleted_at is null and ${condition})`;
}

async function filterOrganizations(
  { sql }: ReadContext,
  { cursor, limit, oldestFirst, namespace, hasSubscriptions, hasNotOnlyDisabled }: FilterOrganizations,
): Promise<Page<Organization, OrganizationId>> {
  const within = namespace === null ? "" : "and namespace = ?";
  const examined = oldestFirst
    ? `${selectOrganization} ${within} and ${isTenant} and id > ? order by id`
    : `${selectOrganization} ${within} and ${isTenant} and id < ? order by id desc`;
  const owner = namespace === null ? [] : [namespace];
  const bounds = [...owner, cursor ?? (oldestFirst ? firstIdAt<"organization">(0) : lastId)];
  const conditions = [
    ...(hasSubscriptions ? [hasSubscription()] : []),
    ...(hasNotOnlyDisabled ? [`(not ${hasSubscription()} or ${hasSubscription("disabled_reason is null")})`] : []),
  ];
  const rows = await sql.all<OrganizationRow>(
    `select * from (${examined} limit ?) as examined where ${["true", ...conditions].join(" and ")}
       order by id ${oldestFirst ? "" : "desc"} limit ?`,
    ...bounds,
    limits.examinedForPageMax,
    limit + 1,
  );
  if (rows.length > limit) return pageUntil(rows.slice(0, limit), rows[limit - 1]?.id ?? null);
  const end = await sql.get<{ id: OrganizationId }>(
    `select id from (${examined} limit 1 offset ?) as last`,
    ...bounds,
    limits.examinedForPageMax - 1,
  );
  return pageUntil(rows, end?.id ?? null);
}

function pageUntil(rows: readonly OrganizationRow[], next: OrganizationId | null): Page<Organization, OrganizationId> {
  return { items: rows.map(organizationIn), next };
}

const sortKeys: Readonly<Record<OrganizationSort, string>> = { name: "lower(name)", created: timeKey("created_at") };

async function sortOrganizations(
  context: ReadContext,
  page: SortedPageOf<OrganizationId, OrganizationSort>,
): Promise<SortedOrganization[]> {
  const rows = await sortedRows<OrganizationRow, OrganizationId, OrganizationSort>(context, {
    rows: `${selectOrganization} and ${isTenant}`,
    values: [],
    keys: sortKeys,
    page,
  });
  return rows.map((row) => ({ organization: organizationIn(row), position: { key: row.sort_key, id: row.id } }));
}

async function updateOrganization(
  { sql }: WriteContext,
  params: { organizationId: OrganizationId; changes: OrganizationChanges; now: number },
): Promise<Organization | "uid_taken" | "not_found"> {
  const { organizationId, changes, now } = params;
  const before = await readOrganization({ sql }, { organizationId });
  if (before === null) return "not_found";
  const after = { ...before, ...changes, modifiedAt: now };
  if (
    after.uid !== null &&
    after.uid !== before.uid &&
    (await findOrganization({ sql }, { namespace: before.namespace, uid: after.uid })) !== null
  ) {
    return "uid_taken";
  }
  await sql.run(
    `update organization set name = ?, uid = ?, namespace_uid = ?, description = ?, metadata = ?, rate_limit = ?,
       unknown_event_types = ?, retention_days = ?, event_type_retention_days = ?, modified_at = ? where id = ?`,
    after.name,
    ...uidValues(after),
    after.description,
    JSON.stringify(after.metadata),
    after.rateLimit,
    after.unknownEventTypes,
    after.retentionDays,
    JSON.stringify(after.eventTypeRetentionDays),
    after.modifiedAt,
    organizationId,
  );
  return after;
}

function organizationOf(row: OrganizationRow | null): Organization | null {
  return row === null ? null : organizationIn(row);
}

async function deleteOrganization(
  context: WriteContext,
  { organizationId, now, announce = [] }: Params<"deleteOrganization">,
): Promise<"deleted" | "in_use" | "not_found"> {
  const { sql } = context;
  if ((await readOrganization(context, { organizationId })) === null) return "not_found";
  const used = await sql.get(
    `select 1 as used from subscription where organization_id = ? and deleted_at is null
     union all select 1 from collection where organization_id = ? limit 1`,
    organizationId,
    organizationId,
  );
  if (used !== null) return "in_use";
  await sql.run("delete from api_key where organization_id = ?", organizationId);
  await sql.run(
    "update organization set deleted_at = ?, uid = null, namespace_uid = null where id = ?",
    now,
    organizationId,
  );
  await context.announce(announce);
  return "deleted";
}

// The rows of an organization other than its messages, in the order of their references.
const leftBehind = [
  ["outbox", "id"],
  ["fan_out", "organization_id, message_id"],
  ["idempotency", "organization_id, key"],
  ["recovery", "id"],
  ["background_task", "id"],
  ["revoked_token", "organization_id, name, issued_until"],
  ["subscription", "id"],
] as const;

async function purgeOrganizations(context: WriteContext, { limit }: { limit: number }): Promise<boolean> {
  const { sql } = context;
  const deleted = await sql.get<{ id: OrganizationId }>(
    `select id from organization where deleted_at is not null order by id limit 1 ${sql.dialect.forUpdateSkipLocked}`,
  );
  if (deleted === null) return false;
  if (await purgeMessages(context, deleted.id, limit)) return true;
  for (const [table, key] of leftBehind) {
    const removed = await sql.run(
      `delete from ${table} where (${key}) in (select ${key} from ${table} where organization_id = ? limit ?)`,
      deleted.id,
      limit,
    );
    if (removed > 0) return true;
  }
  await sql.run("delete from organization where id = ?", deleted.id);
  context.forget();
  return true;
}

async function purgeMessages(context: WriteContext, organizationId: OrganizationId, limit: number): Promise<boolean> {
  const rows = await context.sql.all<{ id: MessageId }>(
    "select id from message where organization_id = ? order by id limit ?",
    organizationId,
    limit,
  );
  return (await deleteMessages(context, { organizationId, messageIds: rows.map(({ id }) => id) })) > 0;
}
