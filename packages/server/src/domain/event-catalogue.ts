import { collectionSchema, type JsonSchema, sourceConnectionSchema, syncSchema } from "./event-schemas.ts";

export type { JsonSchema } from "./event-schemas.ts";

/** The names of all events, in the order of a collection's life. */
export const eventTypeNames = [
  "sync.pending",
  "sync.running",
  "sync.completed",
  "sync.failed",
  "sync.cancelled",
  "source_connection.created",
  "source_connection.auth_completed",
  "source_connection.deleted",
  "collection.created",
  "collection.updated",
  "collection.deleted",
] as const;

export type EventTypeName = (typeof eventTypeNames)[number];

/** An event type that Weft's own producers publish: its name, and the schema of its payload. */
export interface OwnEventType {
  readonly name: string;
  readonly group: "sync" | "source_connection" | "collection";
  readonly description: string;
  /** JSON Schema of the payload: plain data, valid as draft 7 and as 2020-12. */
  readonly schema: JsonSchema;
  /** A realistic payload with every field that Weft itself sends. */
  readonly example: Record<string, unknown>;
}

const descriptions: Readonly<Record<EventTypeName, string>> = {
  "sync.pending": "A sync job was created and is waiting to start.",
  "sync.running": "A sync job started.",
  "sync.completed": "A sync job finished and all its data is in the collection; the payload has its counts.",
  "sync.failed": "A sync job failed; the payload has the error.",
  "sync.cancelled": "A sync job was cancelled.",
  "source_connection.created": "A source connection was added; it may still lack its credentials.",
  "source_connection.auth_completed": "A source connection received its credentials and is ready to sync.",
  "source_connection.deleted": "A source connection and its data were removed.",
  "collection.created": "A collection was created.",
  "collection.updated": "A collection's name or settings changed.",
  "collection.deleted": "A collection was removed with all its data and source connections.",
};

// The examples tell one story: a collection is created, connected, synced, renamed and deleted.
const collection = {
  collection_id: "770e8400-e29b-41d4-a716-446655440002",
  collection_name: "Sales Data",
  collection_readable_id: "sales-data-ab123",
};

const connection = {
  source_connection_id: "660e8400-e29b-41d4-a716-446655440001",
  collection_readable_id: collection.collection_readable_id,
  source_type: "salesforce",
};

const syncId = "440e8400-e29b-41d4-a716-446655440099";
const firstJobId = "550e8400-e29b-41d4-a716-446655440000";
const failedJobId = "550e8400-e29b-41d4-a716-446655440003";
const cancelledJobId = "550e8400-e29b-41d4-a716-446655440004";

const counts = {
  entities_inserted: 42,
  entities_updated: 10,
  entities_deleted: 3,
  entities_skipped: 120,
  chunks_written: 215,
};

/** Every event that Weft's own producers send, in the order of `eventTypeNames`. */
export const eventCatalogue: readonly OwnEventType[] = [
  syncEvent("pending", { jobId: firstJobId, at: "2025-01-15T14:27:58.204Z" }),
  syncEvent("running", { jobId: firstJobId, at: "2025-01-15T14:27:58.391Z" }),
  syncEvent("completed", { jobId: firstJobId, at: "2025-01-15T14:30:00.127Z", more: counts }),
  syncEvent("failed", {
    jobId: failedJobId,
    at: "2025-01-16T14:02:30.518Z",
    more: { error: "Authentication token expired" },
  }),
  syncEvent("cancelled", { jobId: cancelledJobId, at: "2025-01-17T09:12:07.845Z" }),
  sourceConnectionEvent("created", { authenticated: false, at: "2025-01-15T13:55:00.462Z" }),
  sourceConnectionEvent("auth_completed", { authenticated: true, at: "2025-01-15T13:56:21.039Z" }),
  sourceConnectionEvent("deleted", { authenticated: false, at: "2025-01-20T16:40:11.733Z" }),
  collectionEvent("created", { at: "2025-01-15T13:50:00.318Z" }),
  collectionEvent("updated", { at: "2025-01-18T08:05:42.906Z", more: { collection_name: "Sales Data EMEA" } }),
  collectionEvent("deleted", {
    at: "2025-01-21T11:00:00.571Z",
    more: { collection_name: "Sales Data EMEA", source_connection_ids: ["660e8400-e29b-41d4-a716-446655440005"] },
  }),
];

interface SyncStory {
  jobId: string;
  at: string;
  more?: Record<string, unknown>;
}

function syncEvent(
  status: "pending" | "running" | "completed" | "failed" | "cancelled",
  story: SyncStory,
): OwnEventType {
  const name = `sync.${status}` as const;
  const description = descriptions[name];
  const example = {
    event_type: name,
    sync_id: syncId,
    sync_job_id: story.jobId,
    job_id: story.jobId,
    ...collection,
    source_connection_id: connection.source_connection_id,
    source_type: connection.source_type,
    status,
    error: null,
    ...story.more,
    timestamp: story.at,
  };
  return { name, group: "sync", description, schema: syncSchema(status, description), example };
}

function sourceConnectionEvent(
  happened: "created" | "auth_completed" | "deleted",
  story: { authenticated: boolean; at: string },
): OwnEventType {
  const name = `source_connection.${happened}` as const;
  const description = descriptions[name];
  const example = { event_type: name, ...connection, is_authenticated: story.authenticated, timestamp: story.at };
  return {
    name,
    group: "source_connection",
    description,
    schema: sourceConnectionSchema(happened, description),
    example,
  };
}

function collectionEvent(
  happened: "created" | "updated" | "deleted",
  story: { at: string; more?: Record<string, unknown> },
): OwnEventType {
  const name = `collection.${happened}` as const;
  const description = descriptions[name];
  const example = { event_type: name, ...collection, ...story.more, timestamp: story.at };
  return { name, group: "collection", description, schema: collectionSchema(happened, description), example };
}
