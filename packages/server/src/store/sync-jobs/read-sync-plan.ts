import type { SyncJobId } from "../../domain/id.ts";
import { readForRun } from "../source-connections/read-connections.ts";
import type { ReadContext } from "../sql.ts";
import type { SyncPlan } from "./interface.ts";
import { jobOf, type SyncJobRow } from "./job-row.ts";

export async function readSyncPlan(context: ReadContext, { jobId }: { jobId: SyncJobId }): Promise<SyncPlan | null> {
  const row = await context.sql.get<SyncJobRow>("select * from sync_job where id = ?", jobId);
  const source = row === null ? null : await readForRun(context, row.source_connection_id);
  return row === null || source === null ? null : { job: jobOf(row), syncId: row.sync_id, ...source };
}
