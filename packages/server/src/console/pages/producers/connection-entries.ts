import type { SourceConnection, SourceConnectionListItem, Weft } from "@weft/sdk";

/** A source connection in a list, with how its last sync went. */
export interface ConnectionEntry extends SourceConnectionListItem {
  readonly schedule: SourceConnection["schedule"];
  readonly lastJob: NonNullable<SourceConnection["sync"]>["last_job"];
  /** When its newest good sync ended. */
  readonly lastSuccessAt: string | null;
  readonly isStale: boolean;
}

// Few at a time: they are many calls of one browser.
const atOnce = 6;
const jobsLookedAt = 20;
const graceMs = 300_000;

/** Asks for each connection of a list how its last sync went. */
export async function entriesOf(
  weft: Weft,
  items: readonly SourceConnectionListItem[],
  signal: AbortSignal,
): Promise<ConnectionEntry[]> {
  const entries: ConnectionEntry[] = new Array(items.length);
  const left = [...items.entries()];
  async function work(): Promise<void> {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const [index, item] = next;
      entries[index] = await entryOf(weft, item, signal);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  return entries;
}

async function entryOf(weft: Weft, item: SourceConnectionListItem, signal: AbortSignal): Promise<ConnectionEntry> {
  const { schedule, sync } = await weft.sourceConnections.getSourceConnection(item.id, { signal });
  const lastJob = sync?.last_job ?? null;
  const lastSuccessAt =
    lastJob?.status === "completed" || lastJob === null ? (lastJob?.completed_at ?? null) : await lastSuccess();
  const isOverdue = Date.parse(schedule?.next_run ?? "") < Date.now() - graceMs;
  const isStale = lastSuccessAt === null || lastJob?.status === "failed" || isOverdue;
  return { ...item, schedule, lastJob, lastSuccessAt, isStale };

  async function lastSuccess(): Promise<string | null> {
    const { items } = await weft.sourceConnections.listSyncJobs(item.id, { limit: jobsLookedAt }, { signal });
    return items.find(({ status }) => status === "completed")?.completed_at ?? null;
  }
}
