// Generated from the event catalogue by packages/server/generate-receiver-events.ts: do not edit.

/** A sync job was created and is waiting to start. */
export interface SyncPendingEvent {
  /** The name of the event. */
  readonly event_type: "sync.pending";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
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

/** A sync job started. */
export interface SyncRunningEvent {
  /** The name of the event. */
  readonly event_type: "sync.running";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
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

/** A running sync job is being cancelled; `sync.cancelled` follows. */
export interface SyncCancellingEvent {
  /** The name of the event. */
  readonly event_type: "sync.cancelling";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
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
  readonly status?: "cancelling";
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

/** A sync job finished and all its data is in the collection; the payload has its counts. */
export interface SyncCompletedEvent {
  /** The name of the event. */
  readonly event_type: "sync.completed";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
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
  /** The organization that the event concerns. */
  readonly organization_id?: string;
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

/** A sync job was cancelled. */
export interface SyncCancelledEvent {
  /** The name of the event. */
  readonly event_type: "sync.cancelled";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
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

/** A source connection was added; it may still lack its credentials. */
export interface SourceConnectionCreatedEvent {
  /** The name of the event. */
  readonly event_type: "source_connection.created";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
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
  /** The organization that the event concerns. */
  readonly organization_id?: string;
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
  /** The organization that the event concerns. */
  readonly organization_id?: string;
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
  /** The organization that the event concerns. */
  readonly organization_id?: string;
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
  /** The organization that the event concerns. */
  readonly organization_id?: string;
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
  /** The organization that the event concerns. */
  readonly organization_id?: string;
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

/** An organization was created; the first organization of the installation gets the event. */
export interface OrganizationCreatedEvent {
  /** The name of the event. */
  readonly event_type: "organization.created";
  /** The organization that the event concerns. */
  readonly organization_id: string;
  /** The organization's name. */
  readonly organization_name: string;
  /** The e-mail address of its owner; empty if it has none. */
  readonly owner_email?: string;
  /** The e-mail addresses of the people whom the event affects. */
  readonly affected_user_emails?: readonly string[];
  /** The plan of the organization; empty if it has none. */
  readonly plan?: string;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** An organization was deleted; the first organization of the installation gets the event. */
export interface OrganizationDeletedEvent {
  /** The name of the event. */
  readonly event_type: "organization.deleted";
  /** The organization that the event concerns. */
  readonly organization_id: string;
  /** The organization's name. */
  readonly organization_name: string;
  /** The e-mail address of its owner; empty if it has none. */
  readonly owner_email?: string;
  /** The e-mail addresses of the people whom the event affects. */
  readonly affected_user_emails?: readonly string[];
  /** The plan of the organization; empty if it has none. */
  readonly plan?: string;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A search returned its results; the event is stored only while a subscription selects it. */
export interface SearchCompletedEvent {
  /** The name of the event. */
  readonly event_type: "search.completed";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
  /** The search. */
  readonly request_id: string;
  /** The kind of search: `instant`, `classic` or `agentic`. */
  readonly tier?: string;
  /** The filters and queries that a language model planned; null without such a plan. */
  readonly plan?: string | null;
  /** The results without their texts and source fields. The last ones are left out where they do not fit. */
  readonly results?: readonly Readonly<Record<string, unknown>>[];
  /** Milliseconds since the search began. */
  readonly duration_ms?: number;
  /** Details about the search; null if there are none. */
  readonly diagnostics?: Readonly<Record<string, unknown>> | null;
  /** Whether the platform bills the search. */
  readonly billable?: boolean;
  /** The collection; null for instant searches. */
  readonly collection_id?: string | null;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A search failed on the server; the event is stored only while a subscription selects it. */
export interface SearchFailedEvent {
  /** The name of the event. */
  readonly event_type: "search.failed";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
  /** The search. */
  readonly request_id: string;
  /** The kind of search: `instant`, `classic` or `agentic`. */
  readonly tier?: string;
  /** The filters and queries that a language model planned; null without such a plan. */
  readonly plan?: string | null;
  /** Why the search failed. */
  readonly message?: string;
  /** Milliseconds since the search began. */
  readonly duration_ms?: number;
  /** Details about the search; null if there are none. */
  readonly diagnostics?: Readonly<Record<string, unknown>> | null;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A person became a member of an organization. Only callers of the API publish it. */
export interface OrganizationMemberAddedEvent {
  /** The name of the event. */
  readonly event_type: "organization.member_added";
  /** The organization that the event concerns. */
  readonly organization_id: string;
  /** The organization's name. */
  readonly organization_name: string;
  /** The e-mail address of its owner; empty if it has none. */
  readonly owner_email?: string;
  /** The e-mail addresses of the people whom the event affects. */
  readonly affected_user_emails?: readonly string[];
  /** The plan of the organization; empty if it has none. */
  readonly plan?: string;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A person is no longer a member of an organization. Only callers of the API publish it. */
export interface OrganizationMemberRemovedEvent {
  /** The name of the event. */
  readonly event_type: "organization.member_removed";
  /** The organization that the event concerns. */
  readonly organization_id: string;
  /** The organization's name. */
  readonly organization_name: string;
  /** The e-mail address of its owner; empty if it has none. */
  readonly owner_email?: string;
  /** The e-mail addresses of the people whom the event affects. */
  readonly affected_user_emails?: readonly string[];
  /** The plan of the organization; empty if it has none. */
  readonly plan?: string;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A search began. Only callers of the API publish it. */
export interface SearchStartedEvent {
  /** The name of the event. */
  readonly event_type: "search.started";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
  /** The search. */
  readonly request_id: string;
  /** The kind of search: `instant`, `classic` or `agentic`. */
  readonly tier?: string;
  /** The readable id of the collection that was searched. */
  readonly collection_readable_id?: string;
  /** The query. */
  readonly query?: string;
  /** The filters and queries that a language model planned; null without such a plan. */
  readonly plan?: string | null;
  /** The retrieval strategy of the request; null if it has none. */
  readonly retrieval_strategy?: string | null;
  /** Whether the request allows a language model to think. */
  readonly thinking?: boolean;
  /** The groups of the filter. */
  readonly filter?: readonly Readonly<Record<string, unknown>>[] | null;
  /** The limit of the request; null if it has none. */
  readonly limit?: number | null;
  /** The offset of the request; null if it has none. */
  readonly offset?: number | null;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A search ranked its results again. Only callers of the API publish it. */
export interface SearchRerankingEvent {
  /** The name of the event. */
  readonly event_type: "search.reranking";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
  /** The search. */
  readonly request_id: string;
  /** Milliseconds since the search began. */
  readonly duration_ms?: number;
  /** Details about the search; null if there are none. */
  readonly diagnostics?: Readonly<Record<string, unknown>> | null;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** The language model of a search produced thoughts or a text. Only callers of the API publish it. */
export interface SearchThinkingEvent {
  /** The name of the event. */
  readonly event_type: "search.thinking";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
  /** The search. */
  readonly request_id: string;
  /** Milliseconds since the search began. */
  readonly duration_ms?: number;
  /** Details about the search; null if there are none. */
  readonly diagnostics?: Readonly<Record<string, unknown>> | null;
  /** The thoughts of the language model; null if it gave none. */
  readonly thinking?: string | null;
  /** The text of the language model; null if it gave none. */
  readonly text?: string | null;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** The language model of a search called a tool. Only callers of the API publish it. */
export interface SearchToolCalledEvent {
  /** The name of the event. */
  readonly event_type: "search.tool_called";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
  /** The search. */
  readonly request_id: string;
  /** Milliseconds since the search began. */
  readonly duration_ms?: number;
  /** Details about the search; null if there are none. */
  readonly diagnostics?: Readonly<Record<string, unknown>> | null;
  /** The tool that the language model called. */
  readonly tool_name?: string;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A query was processed, for bills. Only callers of the API publish it. */
export interface QueryProcessedEvent {
  /** The name of the event. */
  readonly event_type: "query.processed";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
  /** The collection; null if the platform does not say. */
  readonly collection_id?: string | null;
  /** The number of queries. */
  readonly queries?: number;
  /** Whether the platform bills them. */
  readonly billable?: boolean;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A batch of entities of a sync job was stored. Only callers of the API publish it. */
export interface EntityBatchProcessedEvent {
  /** The name of the event. */
  readonly event_type: "entity.batch_processed";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
  /** The sync. */
  readonly sync_id: string;
  /** The run of the sync. */
  readonly sync_job_id: string;
  /** The source connection that is synced. */
  readonly source_connection_id: string;
  /** The source's short name, such as `github` or `notion`. */
  readonly source_type: string;
  /** The collection that the entities go to. */
  readonly collection_id?: string;
  /** Entities of the batch that are new. */
  readonly inserted?: number;
  /** Entities of the batch that changed. */
  readonly updated?: number;
  /** Entities of the batch that were deleted at the source. */
  readonly deleted?: number;
  /** Entities of the batch that were unchanged. */
  readonly kept?: number;
  /** The number of entities by type. */
  readonly type_breakdown?: Readonly<Record<string, unknown>>;
  /** The position of the batch in the run, from 0. */
  readonly batch_seq?: number;
  /** Milliseconds that the batch took. */
  readonly batch_duration_ms?: number;
  /** Whether the platform bills the batch. */
  readonly billable?: boolean;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** A batch of memberships of a sync job was stored. Only callers of the API publish it. */
export interface AccessControlBatchProcessedEvent {
  /** The name of the event. */
  readonly event_type: "access_control.batch_processed";
  /** The organization that the event concerns. */
  readonly organization_id?: string;
  /** The sync. */
  readonly sync_id: string;
  /** The run of the sync. */
  readonly sync_job_id: string;
  /** The source connection that is synced. */
  readonly source_connection_id: string;
  /** The source's short name, such as `github` or `notion`. */
  readonly source_type: string;
  /** Memberships that the source reported. */
  readonly collected?: number;
  /** Memberships that were new or changed. */
  readonly upserted?: number;
  /** When it happened: ISO 8601 with a zone and sub-second digits. */
  readonly timestamp: string;
}

/** Each event's payload by its name. */
export interface WeftEventByType {
  readonly "sync.pending": SyncPendingEvent;
  readonly "sync.running": SyncRunningEvent;
  readonly "sync.cancelling": SyncCancellingEvent;
  readonly "sync.completed": SyncCompletedEvent;
  readonly "sync.failed": SyncFailedEvent;
  readonly "sync.cancelled": SyncCancelledEvent;
  readonly "source_connection.created": SourceConnectionCreatedEvent;
  readonly "source_connection.auth_completed": SourceConnectionAuthCompletedEvent;
  readonly "source_connection.deleted": SourceConnectionDeletedEvent;
  readonly "collection.created": CollectionCreatedEvent;
  readonly "collection.updated": CollectionUpdatedEvent;
  readonly "collection.deleted": CollectionDeletedEvent;
  readonly "organization.created": OrganizationCreatedEvent;
  readonly "organization.deleted": OrganizationDeletedEvent;
  readonly "search.completed": SearchCompletedEvent;
  readonly "search.failed": SearchFailedEvent;
  readonly "organization.member_added": OrganizationMemberAddedEvent;
  readonly "organization.member_removed": OrganizationMemberRemovedEvent;
  readonly "search.started": SearchStartedEvent;
  readonly "search.reranking": SearchRerankingEvent;
  readonly "search.thinking": SearchThinkingEvent;
  readonly "search.tool_called": SearchToolCalledEvent;
  readonly "query.processed": QueryProcessedEvent;
  readonly "entity.batch_processed": EntityBatchProcessedEvent;
  readonly "access_control.batch_processed": AccessControlBatchProcessedEvent;
}

/** The name of an event in the catalogue. */
export type WeftEventType = keyof WeftEventByType;

/** Any event in the catalogue; `event_type` names it. */
export type WeftEvent =
  | SyncPendingEvent
  | SyncRunningEvent
  | SyncCancellingEvent
  | SyncCompletedEvent
  | SyncFailedEvent
  | SyncCancelledEvent
  | SourceConnectionCreatedEvent
  | SourceConnectionAuthCompletedEvent
  | SourceConnectionDeletedEvent
  | CollectionCreatedEvent
  | CollectionUpdatedEvent
  | CollectionDeletedEvent
  | OrganizationCreatedEvent
  | OrganizationDeletedEvent
  | SearchCompletedEvent
  | SearchFailedEvent
  | OrganizationMemberAddedEvent
  | OrganizationMemberRemovedEvent
  | SearchStartedEvent
  | SearchRerankingEvent
  | SearchThinkingEvent
  | SearchToolCalledEvent
  | QueryProcessedEvent
  | EntityBatchProcessedEvent
  | AccessControlBatchProcessedEvent;
