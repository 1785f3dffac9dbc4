import { firstIdAt, type MessageId, type OrganizationId } from "../../domain/id.ts";
import { operatorsOrganizationId } from "../../domain/operational-event.ts";
import type { Organization, OrganizationChanges } from "../../domain/organization.ts";
import type { CommandsOf, QueriesOf } from "../operations.ts";
import type { PageOf } from "../page.ts";
import { lastId, type ReadContext, type WriteContext } from "../sql.ts";
import type { OrganizationStore } from "./interface.ts";
import { type OrganizationRow, organizationColumns, organizationIn } from "./organization-row.ts";

export const lookUps = {
  readOrganization,
  findOrganization,
  readFirstOrganization,
} satisfies QueriesOf<OrganizationStore>;

export const lists = { listOrganizations } satisfies QueriesOf<OrganizationStore>;

export const commands = {
  createOrganization,
  updateOrganization,
  deleteOrganization,
  purgeOrganizations,
} satisfies CommandsOf<OrganizationStore>;

const selectOrganization = `select ${organizationColumns} from organization
  where deleted_at is null`;

async function createOrganization(
  { sql }: WriteContext,
  { organization }: { organization: Organization },
): Promise<boolean> {
  const made = await sql.run(
    `insert into organization (id, name, uid, metadata, rate_limit, created_at, modified_at) values (?, ?, ?, ?, ?, ?, ?)
     on conflict do nothing`,
    organization.id,
    organization.name,
    organization.uid,
    JSON.stringify(organization.metadata),
    organization.rateLimit,
    organization.createdAt,
    organization.modifiedAt,
  );
  return made > 0;
}

export async function readOrganization(
  { sql }: Pick<ReadContext, "sql">,
  { organizationId }: { organizationId: OrganizationId },
): Promise<Organization | null> {
  return organizationOf(await sql.get<OrganizationRow>(`${selectOrganization} and id = ?`, organizationId));
}

async function findOrganization(
  { sql }: Pick<ReadContext, "sql">,
  { uid }: { uid: string },
): Promise<Organization | null> {
  return organizationOf(await sql.get<OrganizationRow>(`${selectOrganization} and uid = ?`, uid));
}

async function readFirstOrganization({ sql }: ReadContext): Promise<Organization | null> {
  const row = await sql.get<OrganizationRow>(
    `${selectOrganization} and id <> ? order by id limit 1`,
    operatorsOrganizationId,
  );
  return organizationOf(row);
}

async function listOrganizations(
  { sql }: ReadContext,
  { cursor, limit, oldestFirst }: PageOf<OrganizationId> & { oldestFirst: boolean },
): Promise<Organization[]> {
  const rows = oldestFirst
    ? await sql.all<OrganizationRow>(
        `${selectOrganization} and id <> ? and id > ? order by id limit ?`,
        operatorsOrganizationId,
        cursor ?? firstIdAt<"organization">(0),
        limit,
      )
    : await sql.all<OrganizationRow>(
        `${selectOrganization} and id <> ? and id < ? order by id desc limit ?`,
        operatorsOrganizationId,
        cursor ?? lastId,
        limit,
      );
  return rows.map(organizationIn);
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
    (await findOrganization({ sql }, { uid: after.uid })) !== null
  ) {
    return "uid_taken";
  }
  await sql.run(
    "update organization set name = ?, uid = ?, metadata = ?, rate_limit = ?, modified_at = ? where id = ?",
    after.name,
    after.uid,
    JSON.stringify(after.metadata),
    after.rateLimit,
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
  { organizationId, now }: { organizationId: OrganizationId; now: number },
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
  await sql.run("update organization set deleted_at = ?, uid = null where id = ?", now, organizationId);
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

async function purgeMessages({ sql }: WriteContext, organizationId: OrganizationId, limit: number): Promise<boolean> {
  const rows = await sql.all<{ id: MessageId }>(
    "select id from message where organization_id = ? order by id limit ?",
    organizationId,
    limit,
  );
  if (rows.length === 0) return false;
  const ids = JSON.stringify(rows.map(({ id }) => id));
  for (const table of ["attempt", "delivery", ...sql.dialect.tablesNamingMessages]) {
    await sql.run(`delete from ${table} where ${sql.dialect.isOneOf("message_id")}`, ids);
  }
  await sql.run(`delete from message where ${sql.dialect.isOneOf("id")}`, ids);
  return true;
}
