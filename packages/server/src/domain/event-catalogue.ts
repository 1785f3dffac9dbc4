import {
  batchSchema,
  collectionSchema,
  type JsonSchema,
  organizationSchema,
  querySchema,
  searchSchema,
  sourceConnectionSchema,
  syncSchema,
} from "./event-schemas.ts";

export type { JsonSchema } from "./event-schemas.ts";

/** The names of the events that Weft itself publishes. */
export const publishedEventTypeNames = [
  "sync.pending",
  "sync.running",
  "sync.cancelling",
  "sync.completed",
  "sync.failed",
  "sync.cancelled",
  "source_connection.created",
  "source_connection.auth_completed",
  "source_connection.deleted",
  "collection.created",
  "collection.updated",
  "collection.deleted",
  "organization.created",
  "organization.deleted",
  "search.completed",
  "search.failed",
] as const;

/** The names of the other events that Airweave's SDKs know. A platform may publish them; Weft itself never does. */
export const acceptedEventTypeNames = [
  "organization.member_added",
  "organization.member_removed",
  "search.started",
  "search.reranking",
  "search.thinking",
  "search.tool_called",
  "query.processed",
  "entity.batch_processed",
  "access_control.batch_processed",
] as const;

export type PublishedEventTypeName = (typeof publishedEventTypeNames)[number];
export type EventTypeName = PublishedEventTypeName | (typeof acceptedEventTypeNames)[number];

/** An event type of Airweave: its name, and the schema of its payload. */
export interface OwnEventType {
  readonly name: EventTypeName;
  readonly group:
    | "sync"
    | "source_connection"
    | "collection"
    | "organization"
    | "search"
    | "query"
    | "entity"
    | "access_control";
  readonly description: string;
  /** JSON Schema of the payload: plain data, valid as draft 7 and as 2020-12. */
  readonly schema: JsonSchema;
  /** A realistic payload with every field that Weft itself sends. */
  readonly example: Record<string, unknown>;
}

const neverPublished = "Only callers of the API publish it.";

const descriptions: Readonly<Record<EventTypeName, string>> = {
  "sync.pending": "A sync job was created and is waiting to start.",
  "sync.running": "A sync job started.",
  "sync.cancelling": "A running sync job is being cancelled; `sync.cancelled` follows.",
  "sync.completed": "A sync job finished and all its data is in the collection; the payload has its counts.",
  "sync.failed": "A sync job failed; the payload has the error.",
  "sync.cancelled": "A sync job was cancelled.",
  "source_connection.created": "A source connection was added; it may still lack its credentials.",
  "source_connection.auth_completed": "A source connection received its credentials and is ready to sync.",
  "source_connection.deleted": "A source connection and its data were removed.",
  "collection.created": "A collection was created.",
  "collection.updated": "A collection's name or settings changed.",
  "collection.deleted": "A collection was removed with all its data and source connections.",
  "organization.created": "An organization was created; the first organization of the installation gets the event.",
  "organization.deleted": "An organization was deleted; the first organization of the installation gets the event.",
  "search.completed": "A search returned its results; the event is stored only while a subscription selects it.",
  "search.failed": "A search failed on the server; the event is stored only while a subscription selects it.",
  "organization.member_added": `A person became a member of an organization. ${neverPublished}`,
  "organization.member_removed": `A person is no longer a member of an organization. ${neverPublished}`,
  "search.started": `A search began. ${neverPublished}`,
  "search.reranking": `A search ranked its results again. ${neverPublished}`,
  "search.thinking": `The language model of a search produced thoughts or a text. ${neverPublished}`,
  "search.tool_called": `The language model of a search called a tool. ${neverPublished}`,
  "query.processed": `A query was processed, for bills. ${neverPublished}`,
  "entity.batch_processed": `A batch of entities of a sync job was stored. ${neverPublished}`,
  "access_control.batch_processed": `A batch of memberships of a sync job was stored. ${neverPublished}`,
};

// The examples tell one story: a collection is created, connected, synced, renamed and deleted.
const organization_id = "330e8400-e29b-41d4-a716-446655440077";

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

const searchId = "880e8400-e29b-41d4-a716-446655440021";
const syncId = "440e8400-e29b-41d4-a716-446655440099";
const firstJobId = "550e8400-e29b-41d4-a716-446655440000";
const failedJobId = "550e8400-e29b-41d4-a716-446655440003";
const cancelledJobId = "550e8400-e29b-41d4-a716-446655440004";

const searchTiming = { duration_ms: 42, diagnostics: null };

const counts = {
  entities_inserted: 42,
  entities_updated: 10,
  entities_deleted: 3,
  entities_skipped: 120,
  chunks_written: 215,
};

const noCounts = {
  entities_inserted: 0,
  entities_updated: 0,
  entities_deleted: 0,
  entities_skipped: 0,
  chunks_written: 0,
};

/** Every event that Weft itself publishes, in the order of `publishedEventTypeNames`. */
export const publishedEventTypes: readonly OwnEventType[] = [
  syncEvent("pending", { jobId: firstJobId, at: "2025-01-15T14:27:58.204Z" }),
  syncEvent("running", { jobId: firstJobId, at: "2025-01-15T14:27:58.391Z" }),
  syncEvent("cancelling", {
    jobId: cancelledJobId,
    at: "2025-01-17T09:12:07.398Z",
    more: { entities_inserted: 12, chunks_written: 31 },
  }),
  syncEvent("completed", { jobId: firstJobId, at: "2025-01-15T14:30:00.127Z", more: counts }),
  syncEvent("failed", {
    jobId: failedJobId,
    at: "2025-01-16T14:02:30.518Z",
    more: { error: "Authentication token expired" },
  }),
  syncEvent("cancelled", {
    jobId: cancelledJobId,
    at: "2025-01-17T09:12:07.845Z",
    more: { entities_inserted: 12, chunks_written: 31 },
  }),
  sourceConnectionEvent("created", { authenticated: false, at: "2025-01-15T13:55:00.462Z" }),
  sourceConnectionEvent("auth_completed", { authenticated: true, at: "2025-01-15T13:56:21.039Z" }),
  sourceConnectionEvent("deleted", { authenticated: false, at: "2025-01-20T16:40:11.733Z" }),
  collectionEvent("created", { at: "2025-01-15T13:50:00.318Z" }),
  collectionEvent("updated", { at: "2025-01-18T08:05:42.906Z", more: { collection_name: "Sales Data EMEA" } }),
  collectionEvent("deleted", {
    at: "2025-01-21T11:00:00.571Z",
    more: { collection_name: "Sales Data EMEA", source_connection_ids: ["660e8400-e29b-41d4-a716-446655440005"] },
  }),
  organizationEvent("created", { at: "2025-01-15T13:40:00.254Z" }),
  organizationEvent("deleted", { at: "2025-01-22T10:30:00.619Z" }),
  searchEvent("completed", {
    at: "2025-01-16T08:21:14.380Z",
    more: {
      tier: "classic",
      plan: null,
      results: [
        {
          entity_id: "opportunity-42__chunk_0",
          name: "Renewal of Initech",
          relevance_score: 3.12,
          breadcrumbs: [],
          created_at: "2025-01-15T14:28:40.000Z",
          updated_at: "2025-01-15T14:28:40.000Z",
          textual_representation: "",
          airweave_system_metadata: {
            source_name: "salesforce",
            entity_type: "SalesforceOpportunityEntity",
            original_entity_id: "opportunity-42",
            chunk_index: 0,
            sync_id: syncId,
            sync_job_id: firstJobId,
          },
          access: { viewers: null, is_public: null },
          web_url: "https://initech.example.com/opportunities/42",
          url: null,
          raw_source_fields: {},
        },
      ],
      ...searchTiming,
      billable: true,
      collection_id: collection.collection_id,
    },
  }),
  searchEvent("failed", {
    at: "2025-01-16T08:22:03.917Z",
    more: { tier: "instant", plan: null, message: "The database did not respond in time.", ...searchTiming },
  }),
];

/** Every other event that Airweave's SDKs know, in the order of `acceptedEventTypeNames`. */
const acceptedEventTypes: readonly OwnEventType[] = [
  organizationEvent("member_added", { at: "2025-01-15T13:44:20.731Z" }),
  organizationEvent("member_removed", { at: "2025-01-19T17:05:09.112Z" }),
  searchEvent("started", {
    at: "2025-01-16T08:21:14.338Z",
    more: {
      tier: "classic",
      collection_readable_id: collection.collection_readable_id,
      query: "renewals in January",
      plan: null,
      retrieval_strategy: null,
      thinking: false,
      filter: [],
      limit: 10,
      offset: 0,
    },
  }),
  searchEvent("reranking", { at: "2025-01-16T08:21:14.361Z", more: searchTiming }),
  searchEvent("thinking", {
    at: "2025-01-16T08:21:14.352Z",
    more: { ...searchTiming, thinking: null, text: "The question concerns renewals." },
  }),
  searchEvent("tool_called", { at: "2025-01-16T08:21:14.357Z", more: { ...searchTiming, tool_name: "search" } }),
  {
    name: "query.processed",
    group: "query",
    description: descriptions["query.processed"],
    schema: querySchema(descriptions["query.processed"]),
    example: {
      event_type: "query.processed",
      organization_id,
      collection_id: null,
      queries: 1,
      billable: true,
      timestamp: "2025-01-16T08:21:14.382Z",
    },
  },
  batchEvent("entity", {
    at: "2025-01-15T14:28:41.006Z",
    more: {
      collection_id: collection.collection_id,
      inserted: 42,
      updated: 10,
      deleted: 3,
      kept: 120,
      type_breakdown: { SalesforceOpportunityEntity: 175 },
      batch_seq: 0,
      batch_duration_ms: 812,
      billable: true,
    },
  }),
  batchEvent("access_control", { at: "2025-01-15T14:28:42.440Z", more: { collected: 12, upserted: 9 } }),
];

/** The event types of Airweave: those that Weft itself publishes, then the others. */
export const eventCatalogue: readonly OwnEventType[] = [...publishedEventTypes, ...acceptedEventTypes];

const onlyAccepted: ReadonlySet<string> = new Set(acceptedEventTypeNames);

/** Whether Weft accepts events of this type and never publishes one. */
export function isOnlyAccepted(name: string): boolean {
  return onlyAccepted.has(name);
}

interface SyncStory {
  jobId: string;
  at: string;
  more?: Record<string, unknown>;
}

function syncEvent(
  status: "pending" | "running" | "cancelling" | "completed" | "failed" | "cancelled",
  story: SyncStory,
): OwnEventType {
  const name = `sync.${status}` as const;
  const description = descriptions[name];
  const example = {
    event_type: name,
    organization_id,
    sync_id: syncId,
    sync_job_id: story.jobId,
    job_id: story.jobId,
    ...collection,
    source_connection_id: connection.source_connection_id,
    source_type: connection.source_type,
    status,
    error: null,
    ...noCounts,
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
  const example = {
    event_type: name,
    organization_id,
    ...connection,
    is_authenticated: story.authenticated,
    timestamp: story.at,
  };
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
  const example = { event_type: name, organization_id, ...collection, ...story.more, timestamp: story.at };
  return { name, group: "collection", description, schema: collectionSchema(happened, description), example };
}

function organizationEvent(
  happened: "created" | "deleted" | "member_added" | "member_removed",
  story: { at: string },
): OwnEventType {
  const name = `organization.${happened}` as const;
  const description = descriptions[name];
  const example = {
    event_type: name,
    organization_id,
    organization_name: "Initech",
    owner_email: "",
    affected_user_emails: [],
    plan: "",
    timestamp: story.at,
  };
  return { name, group: "organization", description, schema: organizationSchema(happened, description), example };
}

function searchEvent(
  happened: "started" | "reranking" | "thinking" | "tool_called" | "completed" | "failed",
  story: { at: string; more: Record<string, unknown> },
): OwnEventType {
  const name = `search.${happened}` as const;
  const description = descriptions[name];
  const example = { event_type: name, organization_id, request_id: searchId, ...story.more, timestamp: story.at };
  return { name, group: "search", description, schema: searchSchema(happened, description), example };
}

function batchEvent(
  subject: "entity" | "access_control",
  story: { at: string; more: Record<string, unknown> },
): OwnEventType {
  const name = `${subject}.batch_processed` as const;
  const description = descriptions[name];
  const example = {
    event_type: name,
    organization_id,
    sync_id: syncId,
    sync_job_id: firstJobId,
    source_connection_id: connection.source_connection_id,
    source_type: connection.source_type,
    ...story.more,
    timestamp: story.at,
  };
  return { name, group: subject, description, schema: batchSchema(subject, description), example };
}
