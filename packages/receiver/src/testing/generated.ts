// Generated from the event catalogue by packages/server/generate-receiver-events.ts: do not edit.

import type { WeftEventByType } from "../events.ts";

/** A realistic event of each type, with every field that Weft itself sends. */
export const eventExamples: WeftEventByType = {
  "sync.pending": {
    "event_type": "sync.pending",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "sync_id": "440e8400-e29b-41d4-a716-446655440099",
    "sync_job_id": "550e8400-e29b-41d4-a716-446655440000",
    "job_id": "550e8400-e29b-41d4-a716-446655440000",
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "collection_name": "Sales Data",
    "collection_readable_id": "sales-data-ab123",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "source_type": "salesforce",
    "status": "pending",
    "error": null,
    "entities_inserted": 0,
    "entities_updated": 0,
    "entities_deleted": 0,
    "entities_skipped": 0,
    "chunks_written": 0,
    "timestamp": "2025-01-15T14:27:58.204Z"
  },
  "sync.running": {
    "event_type": "sync.running",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "sync_id": "440e8400-e29b-41d4-a716-446655440099",
    "sync_job_id": "550e8400-e29b-41d4-a716-446655440000",
    "job_id": "550e8400-e29b-41d4-a716-446655440000",
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "collection_name": "Sales Data",
    "collection_readable_id": "sales-data-ab123",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "source_type": "salesforce",
    "status": "running",
    "error": null,
    "entities_inserted": 0,
    "entities_updated": 0,
    "entities_deleted": 0,
    "entities_skipped": 0,
    "chunks_written": 0,
    "timestamp": "2025-01-15T14:27:58.391Z"
  },
  "sync.cancelling": {
    "event_type": "sync.cancelling",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "sync_id": "440e8400-e29b-41d4-a716-446655440099",
    "sync_job_id": "550e8400-e29b-41d4-a716-446655440004",
    "job_id": "550e8400-e29b-41d4-a716-446655440004",
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "collection_name": "Sales Data",
    "collection_readable_id": "sales-data-ab123",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "source_type": "salesforce",
    "status": "cancelling",
    "error": null,
    "entities_inserted": 12,
    "entities_updated": 0,
    "entities_deleted": 0,
    "entities_skipped": 0,
    "chunks_written": 31,
    "timestamp": "2025-01-17T09:12:07.398Z"
  },
  "sync.completed": {
    "event_type": "sync.completed",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "sync_id": "440e8400-e29b-41d4-a716-446655440099",
    "sync_job_id": "550e8400-e29b-41d4-a716-446655440000",
    "job_id": "550e8400-e29b-41d4-a716-446655440000",
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "collection_name": "Sales Data",
    "collection_readable_id": "sales-data-ab123",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "source_type": "salesforce",
    "status": "completed",
    "error": null,
    "entities_inserted": 42,
    "entities_updated": 10,
    "entities_deleted": 3,
    "entities_skipped": 120,
    "chunks_written": 215,
    "timestamp": "2025-01-15T14:30:00.127Z"
  },
  "sync.failed": {
    "event_type": "sync.failed",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "sync_id": "440e8400-e29b-41d4-a716-446655440099",
    "sync_job_id": "550e8400-e29b-41d4-a716-446655440003",
    "job_id": "550e8400-e29b-41d4-a716-446655440003",
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "collection_name": "Sales Data",
    "collection_readable_id": "sales-data-ab123",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "source_type": "salesforce",
    "status": "failed",
    "error": "Authentication token expired",
    "entities_inserted": 0,
    "entities_updated": 0,
    "entities_deleted": 0,
    "entities_skipped": 0,
    "chunks_written": 0,
    "timestamp": "2025-01-16T14:02:30.518Z"
  },
  "sync.cancelled": {
    "event_type": "sync.cancelled",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "sync_id": "440e8400-e29b-41d4-a716-446655440099",
    "sync_job_id": "550e8400-e29b-41d4-a716-446655440004",
    "job_id": "550e8400-e29b-41d4-a716-446655440004",
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "collection_name": "Sales Data",
    "collection_readable_id": "sales-data-ab123",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "source_type": "salesforce",
    "status": "cancelled",
    "error": null,
    "entities_inserted": 12,
    "entities_updated": 0,
    "entities_deleted": 0,
    "entities_skipped": 0,
    "chunks_written": 31,
    "timestamp": "2025-01-17T09:12:07.845Z"
  },
  "source_connection.created": {
    "event_type": "source_connection.created",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "collection_readable_id": "sales-data-ab123",
    "source_type": "salesforce",
    "is_authenticated": false,
    "timestamp": "2025-01-15T13:55:00.462Z"
  },
  "source_connection.auth_completed": {
    "event_type": "source_connection.auth_completed",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "collection_readable_id": "sales-data-ab123",
    "source_type": "salesforce",
    "is_authenticated": true,
    "timestamp": "2025-01-15T13:56:21.039Z"
  },
  "source_connection.deleted": {
    "event_type": "source_connection.deleted",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "collection_readable_id": "sales-data-ab123",
    "source_type": "salesforce",
    "is_authenticated": false,
    "timestamp": "2025-01-20T16:40:11.733Z"
  },
  "collection.created": {
    "event_type": "collection.created",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "collection_name": "Sales Data",
    "collection_readable_id": "sales-data-ab123",
    "timestamp": "2025-01-15T13:50:00.318Z"
  },
  "collection.updated": {
    "event_type": "collection.updated",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "collection_name": "Sales Data EMEA",
    "collection_readable_id": "sales-data-ab123",
    "timestamp": "2025-01-18T08:05:42.906Z"
  },
  "collection.deleted": {
    "event_type": "collection.deleted",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "collection_name": "Sales Data EMEA",
    "collection_readable_id": "sales-data-ab123",
    "source_connection_ids": [
      "660e8400-e29b-41d4-a716-446655440005"
    ],
    "timestamp": "2025-01-21T11:00:00.571Z"
  },
  "organization.created": {
    "event_type": "organization.created",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "organization_name": "Initech",
    "owner_email": "",
    "affected_user_emails": [],
    "plan": "",
    "timestamp": "2025-01-15T13:40:00.254Z"
  },
  "organization.deleted": {
    "event_type": "organization.deleted",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "organization_name": "Initech",
    "owner_email": "",
    "affected_user_emails": [],
    "plan": "",
    "timestamp": "2025-01-22T10:30:00.619Z"
  },
  "search.completed": {
    "event_type": "search.completed",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "request_id": "880e8400-e29b-41d4-a716-446655440021",
    "tier": "classic",
    "plan": null,
    "results": [
      {
        "entity_id": "opportunity-42__chunk_0",
        "name": "Renewal of Initech",
        "relevance_score": 3.12,
        "breadcrumbs": [],
        "created_at": "2025-01-15T14:28:40.000Z",
        "updated_at": "2025-01-15T14:28:40.000Z",
        "textual_representation": "",
        "airweave_system_metadata": {
          "source_name": "salesforce",
          "entity_type": "SalesforceOpportunityEntity",
          "original_entity_id": "opportunity-42",
          "chunk_index": 0,
          "sync_id": "440e8400-e29b-41d4-a716-446655440099",
          "sync_job_id": "550e8400-e29b-41d4-a716-446655440000"
        },
        "access": {
          "viewers": null,
          "is_public": null
        },
        "web_url": "https://initech.example.com/opportunities/42",
        "url": null,
        "raw_source_fields": {}
      }
    ],
    "duration_ms": 42,
    "diagnostics": null,
    "billable": true,
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "timestamp": "2025-01-16T08:21:14.380Z"
  },
  "search.failed": {
    "event_type": "search.failed",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "request_id": "880e8400-e29b-41d4-a716-446655440021",
    "tier": "instant",
    "plan": null,
    "message": "The database did not respond in time.",
    "duration_ms": 42,
    "diagnostics": null,
    "timestamp": "2025-01-16T08:22:03.917Z"
  },
  "organization.member_added": {
    "event_type": "organization.member_added",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "organization_name": "Initech",
    "owner_email": "",
    "affected_user_emails": [],
    "plan": "",
    "timestamp": "2025-01-15T13:44:20.731Z"
  },
  "organization.member_removed": {
    "event_type": "organization.member_removed",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "organization_name": "Initech",
    "owner_email": "",
    "affected_user_emails": [],
    "plan": "",
    "timestamp": "2025-01-19T17:05:09.112Z"
  },
  "search.started": {
    "event_type": "search.started",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "request_id": "880e8400-e29b-41d4-a716-446655440021",
    "tier": "classic",
    "collection_readable_id": "sales-data-ab123",
    "query": "renewals in January",
    "plan": null,
    "retrieval_strategy": null,
    "thinking": false,
    "filter": [],
    "limit": 10,
    "offset": 0,
    "timestamp": "2025-01-16T08:21:14.338Z"
  },
  "search.reranking": {
    "event_type": "search.reranking",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "request_id": "880e8400-e29b-41d4-a716-446655440021",
    "duration_ms": 42,
    "diagnostics": null,
    "timestamp": "2025-01-16T08:21:14.361Z"
  },
  "search.thinking": {
    "event_type": "search.thinking",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "request_id": "880e8400-e29b-41d4-a716-446655440021",
    "duration_ms": 42,
    "diagnostics": null,
    "thinking": null,
    "text": "The question concerns renewals.",
    "timestamp": "2025-01-16T08:21:14.352Z"
  },
  "search.tool_called": {
    "event_type": "search.tool_called",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "request_id": "880e8400-e29b-41d4-a716-446655440021",
    "duration_ms": 42,
    "diagnostics": null,
    "tool_name": "search",
    "timestamp": "2025-01-16T08:21:14.357Z"
  },
  "query.processed": {
    "event_type": "query.processed",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "collection_id": null,
    "queries": 1,
    "billable": true,
    "timestamp": "2025-01-16T08:21:14.382Z"
  },
  "entity.batch_processed": {
    "event_type": "entity.batch_processed",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "sync_id": "440e8400-e29b-41d4-a716-446655440099",
    "sync_job_id": "550e8400-e29b-41d4-a716-446655440000",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "source_type": "salesforce",
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "inserted": 42,
    "updated": 10,
    "deleted": 3,
    "kept": 120,
    "type_breakdown": {
      "SalesforceOpportunityEntity": 175
    },
    "batch_seq": 0,
    "batch_duration_ms": 812,
    "billable": true,
    "timestamp": "2025-01-15T14:28:41.006Z"
  },
  "access_control.batch_processed": {
    "event_type": "access_control.batch_processed",
    "organization_id": "330e8400-e29b-41d4-a716-446655440077",
    "sync_id": "440e8400-e29b-41d4-a716-446655440099",
    "sync_job_id": "550e8400-e29b-41d4-a716-446655440000",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "source_type": "salesforce",
    "collected": 12,
    "upserted": 9,
    "timestamp": "2025-01-15T14:28:42.440Z"
  }
};
