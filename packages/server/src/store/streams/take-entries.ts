import type { OrganizationId } from "../../domain/id.ts";
import type { WriteContext } from "../sql.ts";
import type { ChangeLogEntry } from "./change-log.ts";

interface OwnerRow {
  readonly id: string;
  readonly organization_id: OrganizationId;
}

/** Takes the changes that a transaction has recorded so far, as entries for the log. */
export async function takeEntries({ sql, changeLog }: WriteContext): Promise<ChangeLogEntry[]> {
  const owners = new Map<string, OrganizationId>();
  for (const [table, ids] of [
    ["subscription", changeLog.subscriptions],
    ["sync_job", changeLog.syncJobs],
  ] as const) {
    if (ids.size === 0) continue;
    const rows = await sql.all<OwnerRow>(
      `select id, organization_id from ${table} where ${sql.dialect.isOneOf("id")}`,
      JSON.stringify([...ids]),
    );
    for (const row of rows) owners.set(row.id, row.organization_id);
  }
  return changeLog.take(owners);
}
