// The payloads of the events of producers, with every field that the platform's documents and clients describe.

import type { Collection } from "../domain/collection.ts";
import type { PublishedEventTypeName } from "../domain/event-catalogue.ts";
import type { OrganizationId, SourceConnectionId, SyncJobId } from "../domain/id.ts";
import type { Message } from "../domain/message.ts";
import type { SourceConnection } from "../domain/source-connection.ts";
import type { SyncCounts, SyncJob } from "../domain/sync-job.ts";
import type { Intake } from "../intake/intake.ts";

/** An event of a producer, with its payload. */
export interface ProducerEvent {
  readonly eventType: PublishedEventTypeName;
  readonly payload: Record<string, unknown>;
  /** The sync job that the event is about; absent for events about other things. */
  readonly jobId?: SyncJobId;
}

/** The message of an event, which is stored by the write that makes the change. */
export function announcementOf(
  intake: Pick<Intake, "announcement">,
  organizationId: OrganizationId,
  event: ProducerEvent,
): Message {
  return intake.announcement(organizationId, event.eventType, event.payload, event.jobId ?? null);
}

/** The properties of a sync event in addition to its job. */
export interface SyncSubject {
  readonly connection: Pick<SourceConnection, "id" | "collectionId" | "readableCollectionId" | "source">;
  readonly collectionName: string;
}

/** The event of a job that entered this state at `at` (Unix ms), with its counts so far. */
export function syncEvent(subject: SyncSubject, job: SyncJob, at: number): ProducerEvent {
  const { connection } = subject;
  const eventType = `sync.${job.state}` as const;
  const payload = {
    event_type: eventType,
    organization_id: job.organizationId,
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
    ...countFields(job.counts),
    timestamp: new Date(at).toISOString(),
  };
  return { eventType, payload, jobId: job.id };
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
  eventType: PublishedEventTypeName,
  connection: SourceConnection,
  isAuthenticated: boolean,
  at: number,
): ProducerEvent {
  const payload = {
    event_type: eventType,
    organization_id: connection.organizationId,
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
  eventType: PublishedEventTypeName,
  collection: Collection,
  at: number,
  more: Record<string, unknown>,
): ProducerEvent {
  const payload = {
    event_type: eventType,
    organization_id: collection.organizationId,
    collection_id: collection.id,
    collection_name: collection.name,
    collection_readable_id: collection.readableId,
    ...more,
    timestamp: new Date(at).toISOString(),
  };
  return { eventType, payload };
}
