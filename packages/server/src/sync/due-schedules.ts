import type { Clock } from "../domain/clock.ts";
import type { NewId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { SourceConnection } from "../domain/source-connection.ts";
import { newJob } from "../domain/sync-job.ts";
import type { Intake } from "../intake/intake.ts";
import type { Store } from "../store/store.ts";
import { announcementOf, syncEvent } from "./events.ts";
import { nextRunAfter } from "./schedule.ts";

export interface ScheduleParts {
  readonly store: Pick<Store, "findDueConnections" | "createScheduledJob" | "noteChange" | "readCollection">;
  readonly intake: Pick<Intake, "announcement">;
  readonly clock: Pick<Clock, "now">;
  readonly newId: NewId;
}

/**
 * Creates the jobs of due schedules. Times that were missed while no node was running become one job. Every node checks, and
 * the store lets one of them have each time.
 */
export async function makeDueJobs({ store, intake, clock, newId }: ScheduleParts): Promise<void> {
  const now = clock.now();
  const due = await store.findDueConnections({ now, limit: limits.pageMax });
  for (const connection of due) {
    const { id: sourceConnectionId, organizationId, syncId } = connection;
    const collection = await store.readCollection({ organizationId, readableId: connection.readableCollectionId });
    if (syncId === null || collection === null) continue;
    const job = newJob({ id: newId<"syncJob">(), organizationId, sourceConnectionId, syncId, now });
    const event = syncEvent({ connection, collectionName: collection.name }, job, now);
    const announce = [announcementOf(intake, organizationId, event)];
    const dueAt = dueTime(connection);
    const isMade = await store.createScheduledJob({ job, announce, dueAt, nextRunAt: nextTime(connection, now) });
    // A running job began before the change, and may have passed it.
    if (!isMade && isContinuous(connection)) {
      const apartMs = limits.watchFloorMs;
      await store.noteChange({ sourceConnectionId, changedAt: now, dueAt: now + apartMs, apartMs });
    }
  }
}

function isContinuous({ schedule }: SourceConnection): boolean {
  return schedule !== null && "continuous" in schedule;
}

function dueTime({ id, nextRunAt }: SourceConnection): number {
  if (nextRunAt === null) throw new Error(`The source connection ${id} is due, but has no next time.`);
  return nextRunAt;
}

function nextTime({ schedule }: SourceConnection, now: number): number | null {
  return schedule === null ? null : nextRunAfter(schedule, now);
}
