// Generated from the event catalogue by packages/server/generate-receiver-events.ts: do not edit.

/** A sync job was created and is waiting to start. */
export interface SyncPendingEvent {
  /** The name of the event. */
  readonly event_type: "sync.pending";
  /** The sync. Each source connection has one, and each job is a run of it. */
  readonly sync_id?: string;
  /** This run of the sync. */
  readonly sync_job_id?: string;
  /** An alias of `sync_job_id`. */
  readonly job_id?: string;
  /** The collection that the entities go to. */
  readonly collection_id?: string;
  /** The collection's readable id, such as `sales-data-ab123`. */
  readonly collection_readable_id: string;
  /** The collection's name. */
  readonly collection_name: string;
  /** The source connection that is synced. */
  readonly source_connection_id: string;
  /** The source's short name, such as `github` or `notion`. */
  readonly source_type: string;
  /** The status of the job. */
  readonly status?: "pending";
  /** Why the job failed; null unless it did. */
  readonly error?: string | null;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A sync job started. */
export interface SyncRunningEvent {
  /** The name of the event. */
  readonly event_type: "sync.running";
  /** The sync. Each source connection has one, and each job is a run of it. */
  readonly sync_id?: string;
  /** This run of the sync. */
  readonly sync_job_id?: string;
  /** An alias of `sync_job_id`. */
  readonly job_id?: string;
  /** The collection that the entities go to. */
  readonly collection_id?: string;
  /** The collection's readable id, such as `sales-data-ab123`. */
  readonly collection_readable_id: string;
  /** The collection's name. */
  readonly collection_name: string;
  /** The source connection that is synced. */
  readonly source_connection_id: string;
  /** The source's short name, such as `github` or `notion`. */
  readonly source_type: string;
  /** The status of the job. */
  readonly status?: "running";
  /** Why the job failed; null unless it did. */
  readonly error?: string | null;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A sync job finished and all its data is in the collection; the payload has its counts. */
export interface SyncCompletedEvent {
  /** The name of the event. */
  readonly event_type: "sync.completed";
  /** The sync. Each source connection has one, and each job is a run of it. */
  readonly sync_id?: string;
  /** This run of the sync. */
  readonly sync_job_id?: string;
  /** An alias of `sync_job_id`. */
  readonly job_id?: string;
  /** The collection that the entities go to. */
  readonly collection_id?: string;
  /** The collection's readable id, such as `sales-data-ab123`. */
  readonly collection_readable_id: string;
  /** The collection's name. */
  readonly collection_name: string;
  /** The source connection that is synced. */
  readonly source_connection_id: string;
  /** The source's short name, such as `github` or `notion`. */
  readonly source_type: string;
  /** The status of the job. */
  readonly status?: "completed";
  /** Why the job failed; null unless it did. */
  readonly error?: string | null;
  /** Entities that are new. */
  readonly entities_inserted?: number;
  /** Entities that changed. */
  readonly entities_updated?: number;
  /** Entities that were deleted at the source. */
  readonly entities_deleted?: number;
  /** Entities that were unchanged. */
  readonly entities_skipped?: number;
  /** Chunks written to the vector database. */
  readonly chunks_written?: number;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A sync job failed; the payload has the error. */
export interface SyncFailedEvent {
  /** The name of the event. */
  readonly event_type: "sync.failed";
  /** The sync. Each source connection has one, and each job is a run of it. */
  readonly sync_id?: string;
  /** This run of the sync. */
  readonly sync_job_id?: string;
  /** An alias of `sync_job_id`. */
  readonly job_id?: string;
  /** The collection that the entities go to. */
  readonly collection_id?: string;
  /** The collection's readable id, such as `sales-data-ab123`. */
  readonly collection_readable_id: string;
  /** The collection's name. */
  readonly collection_name: string;
  /** The source connection that is synced. */
  readonly source_connection_id: string;
  /** The source's short name, such as `github` or `notion`. */
  readonly source_type: string;
  /** The status of the job. */
  readonly status?: "failed";
  /** Why the job failed; null unless it did. */
  readonly error?: string | null;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A sync job was cancelled. */
export interface SyncCancelledEvent {
  /** The name of the event. */
  readonly event_type: "sync.cancelled";
  /** The sync. Each source connection has one, and each job is a run of it. */
  readonly sync_id?: string;
  /** This run of the sync. */
  readonly sync_job_id?: string;
  /** An alias of `sync_job_id`. */
  readonly job_id?: string;
  /** The collection that the entities go to. */
  readonly collection_id?: string;
  /** The collection's readable id, such as `sales-data-ab123`. */
  readonly collection_readable_id: string;
  /** The collection's name. */
  readonly collection_name: string;
  /** The source connection that is synced. */
  readonly source_connection_id: string;
  /** The source's short name, such as `github` or `notion`. */
  readonly source_type: string;
  /** The status of the job. */
  readonly status?: "cancelled";
  /** Why the job failed; null unless it did. */
  readonly error?: string | null;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A source connection was added; it may still lack its credentials. */
export interface SourceConnectionCreatedEvent {
  /** The name of the event. */
  readonly event_type: "source_connection.created";
  /** The source connection. */
  readonly source_connection_id: string;
  /** The readable id of its collection. */
  readonly collection_readable_id: string;
  /** The source's short name, such as `github` or `notion`. */
  readonly source_type: string;
  /** Whether it holds credentials; false once it is deleted. */
  readonly is_authenticated: boolean;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A source connection received its credentials and is ready to sync. */
export interface SourceConnectionAuthCompletedEvent {
  /** The name of the event. */
  readonly event_type: "source_connection.auth_completed";
  /** The source connection. */
  readonly source_connection_id: string;
  /** The readable id of its collection. */
  readonly collection_readable_id: string;
  /** The source's short name, such as `github` or `notion`. */
  readonly source_type: string;
  /** Whether it holds credentials; false once it is deleted. */
  readonly is_authenticated: boolean;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A source connection and its data were removed. */
export interface SourceConnectionDeletedEvent {
  /** The name of the event. */
  readonly event_type: "source_connection.deleted";
  /** The source connection. */
  readonly source_connection_id: string;
  /** The readable id of its collection. */
  readonly collection_readable_id: string;
  /** The source's short name, such as `github` or `notion`. */
  readonly source_type: string;
  /** Whether it holds credentials; false once it is deleted. */
  readonly is_authenticated: boolean;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A collection was created. */
export interface CollectionCreatedEvent {
  /** The name of the event. */
  readonly event_type: "collection.created";
  /** The collection. */
  readonly collection_id: string;
  /** The collection's name. */
  readonly collection_name: string;
  /** The collection's readable id, such as `sales-data-ab123`. */
  readonly collection_readable_id: string;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A collection's name or settings changed. */
export interface CollectionUpdatedEvent {
  /** The name of the event. */
  readonly event_type: "collection.updated";
  /** The collection. */
  readonly collection_id: string;
  /** The collection's name. */
  readonly collection_name: string;
  /** The collection's readable id, such as `sales-data-ab123`. */
  readonly collection_readable_id: string;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A collection was removed with all its data and source connections. */
export interface CollectionDeletedEvent {
  /** The name of the event. */
  readonly event_type: "collection.deleted";
  /** The collection. */
  readonly collection_id: string;
  /** The collection's name. */
  readonly collection_name: string;
  /** The collection's readable id, such as `sales-data-ab123`. */
  readonly collection_readable_id: string;
  /** The source connections that were deleted with it; no event of their own fires for them. */
  readonly source_connection_ids?: readonly string[];
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** Each event's payload by its name. */
export interface WeftEventByType {
  readonly "sync.pending": SyncPendingEvent;
  readonly "sync.running": SyncRunningEvent;
  readonly "sync.completed": SyncCompletedEvent;
  readonly "sync.failed": SyncFailedEvent;
  readonly "sync.cancelled": SyncCancelledEvent;
  readonly "source_connection.created": SourceConnectionCreatedEvent;
  readonly "source_connection.auth_completed": SourceConnectionAuthCompletedEvent;
  readonly "source_connection.deleted": SourceConnectionDeletedEvent;
  readonly "collection.created": CollectionCreatedEvent;
  readonly "collection.updated": CollectionUpdatedEvent;
  readonly "collection.deleted": CollectionDeletedEvent;
}

/** The name of an event in the catalogue. */
export type WeftEventType = keyof WeftEventByType;

/** Any event in the catalogue; `event_type` names it. */
export type WeftEvent =
  | SyncPendingEvent
  | SyncRunningEvent
  | SyncCompletedEvent
  | SyncFailedEvent
  | SyncCancelledEvent
  | SourceConnectionCreatedEvent
  | SourceConnectionAuthCompletedEvent
  | SourceConnectionDeletedEvent
  | CollectionCreatedEvent
  | CollectionUpdatedEvent
  | CollectionDeletedEvent;
