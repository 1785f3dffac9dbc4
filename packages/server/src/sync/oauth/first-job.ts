import type { SourceConnection } from "../../domain/source-connection.ts";
import { newJob } from "../../domain/sync-job.ts";
import type { Intake, Origin } from "../../intake/intake.ts";
import type { FirstJob } from "../../store/authorizations/interface.ts";
import type { Store } from "../../store/store.ts";
import { announcementOf, syncEvent } from "../events.ts";

/** The first job of a connection that a browser has authorized; null if it has no sync, or its collection was deleted. */
export async function firstJobOf(
  store: Pick<Store, "readCollection">,
  intake: Pick<Intake, "announcement">,
  connection: SourceConnection,
  { now, newId }: Origin,
): Promise<FirstJob | null> {
  const { id: sourceConnectionId, organizationId, syncId, readableCollectionId: readableId } = connection;
  if (syncId === null) return null;
  const collection = await store.readCollection({ organizationId, readableId });
  if (collection === null) return null;
  const createdAt = now();
  const job = newJob({ id: newId<"syncJob">(), organizationId, sourceConnectionId, syncId, now: createdAt });
  const event = syncEvent({ connection, collectionName: collection.name }, job, createdAt);
  return { job, announce: [announcementOf(intake, organizationId, event)] };
}
