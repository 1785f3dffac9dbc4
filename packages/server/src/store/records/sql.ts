import type { Organization } from "../../domain/organization.ts";
import type { QueriesOf } from "../operations.ts";
import { type OrganizationRow, organizationColumns, organizationIn } from "../organizations/organization-row.ts";
import { isTenant } from "../organizations/sql.ts";
import type { ReadContext } from "../sql.ts";
import type { FoundEvent, FoundRecord, RecordStore } from "./interface.ts";

export const lookUps = { findRecord } satisfies QueriesOf<RecordStore>;

export const lists = { findEvents, searchOrganizations } satisfies QueriesOf<RecordStore>;

async function findRecord({ sql }: ReadContext, { id }: { id: string }): Promise<FoundRecord | null> {
  return await sql.get<FoundRecord>(
    `select 'message' as kind, organization_id as "organizationId", id from message where id = ?
     union all select 'attempt', organization_id, id from attempt where id = ?
     union all select 'subscription', organization_id, id from subscription where id = ? and deleted_at is null
     limit 1`,
    id,
    id,
    id,
  );
}

const newestOrganizations = `select ${organizationColumns} from organization
  where deleted_at is null and ${isTenant} order by id desc limit ?`;

async function findEvents(
  { sql }: ReadContext,
  { eventId, organizationsMax, limit }: { eventId: string; organizationsMax: number; limit: number },
): Promise<FoundEvent[]> {
  return await sql.all<FoundEvent>(
    `select * from (select id as "organizationId", (${sql.dialect.byEventId("newest.id", "?")}) as "messageId"
       from (${newestOrganizations}) as newest) as found
     where "messageId" is not null limit ?`,
    eventId,
    organizationsMax,
    limit,
  );
}

async function searchOrganizations(
  { sql }: ReadContext,
  { text, organizationsMax, limit }: { text: string; organizationsMax: number; limit: number },
): Promise<Organization[]> {
  const rows = await sql.all<OrganizationRow>(
    `select ${organizationColumns} from (${newestOrganizations}) as newest
     where ${sql.dialect.contains("name")} or ${sql.dialect.contains("coalesce(uid, '')")} order by id desc limit ?`,
    organizationsMax,
    text,
    text,
    limit,
  );
  return rows.map(organizationIn);
}
