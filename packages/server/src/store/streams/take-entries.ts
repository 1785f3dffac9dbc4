import type { OrganizationId } from "../../domain/id.ts";
import type { WriteContext } from "../sql.ts";
import type { StreamEntry } from "./stream-notes.ts";

interface OwnerRow {
  readonly id: string;
  readonly organization_id: OrganizationId;
}

/** Takes what a transaction has noted so far, as entries for the log. */
export async function takeEntries({ sql, notes }: WriteContext): Promise<StreamEntry[]> {
  const owners = new Map<string, OrganizationId>();
  for (const [table, ids] of [
    ["subscription", notes.subscriptions],
    ["sync_job", notes.syncJobs],
  ] as const) {
    if (ids.size === 0) continue;
    const rows = await sql.all<OwnerRow>(
      `select id, organization_id from ${table} where ${sql.dialect.isOneOf("id")}`,
      JSON.stringify([...ids]),
    );
    for (const row of rows) owners.set(row.id, row.organization_id);
  }
  return notes.take(owners);
}
