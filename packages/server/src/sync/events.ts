// The payloads of the eleven events, with every field that the platform's documents describe.

import type { Collection } from "../domain/collection.ts";
import type { EventTypeName } from "../domain/event-catalogue.ts";
import type { OrganizationId, SourceConnectionId } from "../domain/id.ts";
import type { Message } from "../domain/message.ts";
import type { SourceConnection } from "../domain/source-connection.ts";
import type { FinishedJob, PendingJob, RunningJob, SyncCounts } from "../domain/sync-job.ts";
import type { Intake } from "../intake/intake.ts";

/** An event of a producer, with its payload. */
export interface ProducerEvent {
  readonly eventType: EventTypeName;
  readonly payload: Record<string, unknown>;
}

/** The message of an event, which is stored by the write that makes the change. */
export function announcementOf(
  intake: Pick<Intake, "announcement">,
  organizationId: OrganizationId,
  event: ProducerEvent,
): Message {
  return intake.announcement(organizationId, event.eventType, event.payload);
}

/** The properties of a sync event in addition to its job. */
export interface SyncSubject {
  readonly connection: Pick<SourceConnection, "id" | "collectionId" | "readableCollectionId" | "source">;
  readonly collectionName: string;
}

/** A job in a state with an event: `cancelling` has none. */
export type AnnouncedJob = PendingJob | FinishedJob | (RunningJob & { readonly state: "running" });

/** The event of a job that entered this state at `at` (Unix ms). */
export function syncEvent(subject: SyncSubject, job: AnnouncedJob, at: number): ProducerEvent {
  const { connection } = subject;
  const eventType = `sync.${job.state}` as const;
  const payload = {
    event_type: eventType,
    sync_id: job.syncId,
    sync_job_id: job.id,
    job_id: job.id,
    collection_id: connection.collectionId,
    collection_readable_id: connection.readableCollectionId,
    collection_name: subject.collectionName,
    source_connection_id: connection.id,
    source_type: connection.source,
    status: job.state,
    error: job.state === "failed" ? job.error : null,
    ...(job.state === "completed" ? countFields(job.counts) : {}),
    timestamp: new Date(at).toISOString(),
  };
  return { eventType, payload };
}

function countFields(counts: SyncCounts): Record<string, number> {
  return {
    entities_inserted: counts.inserted,
    entities_updated: counts.updated,
    entities_deleted: counts.deleted,
    entities_skipped: counts.skipped,
    chunks_written: counts.chunksWritten,
  };
}

export function connectionCreated(connection: SourceConnection, at: number): ProducerEvent {
  return connectionEvent("source_connection.created", connection, connection.authenticatedAt !== null, at);
}

export function connectionAuthenticated(connection: SourceConnection, at: number): ProducerEvent {
  return connectionEvent("source_connection.auth_completed", connection, true, at);
}

export function connectionDeleted(connection: SourceConnection, at: number): ProducerEvent {
  return connectionEvent("source_connection.deleted", connection, false, at);
}

function connectionEvent(
  eventType: EventTypeName,
  connection: SourceConnection,
  isAuthenticated: boolean,
  at: number,
): ProducerEvent {
  const payload = {
    event_type: eventType,
    source_connection_id: connection.id,
    collection_readable_id: connection.readableCollectionId,
    source_type: connection.source,
    is_authenticated: isAuthenticated,
    timestamp: new Date(at).toISOString(),
  };
  return { eventType, payload };
}

export function collectionCreated(collection: Collection, at: number): ProducerEvent {
  return collectionEvent("collection.created", collection, at, {});
}

export function collectionUpdated(collection: Collection, at: number): ProducerEvent {
  return collectionEvent("collection.updated", collection, at, {});
}

/** Lists the connections that were deleted with the collection, for which no events are sent. */
export function collectionDeleted(
  collection: Collection,
  connectionIds: readonly SourceConnectionId[],
  at: number,
): ProducerEvent {
  return collectionEvent("collection.deleted", collection, at, { source_connection_ids: [...connectionIds] });
}

function collectionEvent(
  eventType: EventTypeName,
  collection: Collection,
  at: number,
  more: Record<string, unknown>,
): ProducerEvent {
  const payload = {
    event_type: eventType,
    collection_id: collection.id,
    collection_name: collection.name,
    collection_readable_id: collection.readableId,
    ...more,
    timestamp: new Date(at).toISOString(),
  };
  return { eventType, payload };
}
