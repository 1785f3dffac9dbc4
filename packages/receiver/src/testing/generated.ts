// Generated from the event catalogue by packages/server/generate-receiver-events.ts: do not edit.

import type { WeftEventByType } from "../events.ts";

/** A realistic event of each type, with every field that Weft itself sends. */
export const eventExamples: WeftEventByType = {
  "sync.pending": {
    "event_type": "sync.pending",
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
    "timestamp": "2025-01-15T14:27:58.204Z"
  },
  "sync.running": {
    "event_type": "sync.running",
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
    "timestamp": "2025-01-15T14:27:58.391Z"
  },
  "sync.completed": {
    "event_type": "sync.completed",
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
    "timestamp": "2025-01-16T14:02:30.518Z"
  },
  "sync.cancelled": {
    "event_type": "sync.cancelled",
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
    "timestamp": "2025-01-17T09:12:07.845Z"
  },
  "source_connection.created": {
    "event_type": "source_connection.created",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "collection_readable_id": "sales-data-ab123",
    "source_type": "salesforce",
    "is_authenticated": false,
    "timestamp": "2025-01-15T13:55:00.462Z"
  },
  "source_connection.auth_completed": {
    "event_type": "source_connection.auth_completed",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "collection_readable_id": "sales-data-ab123",
    "source_type": "salesforce",
    "is_authenticated": true,
    "timestamp": "2025-01-15T13:56:21.039Z"
  },
  "source_connection.deleted": {
    "event_type": "source_connection.deleted",
    "source_connection_id": "660e8400-e29b-41d4-a716-446655440001",
    "collection_readable_id": "sales-data-ab123",
    "source_type": "salesforce",
    "is_authenticated": false,
    "timestamp": "2025-01-20T16:40:11.733Z"
  },
  "collection.created": {
    "event_type": "collection.created",
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "collection_name": "Sales Data",
    "collection_readable_id": "sales-data-ab123",
    "timestamp": "2025-01-15T13:50:00.318Z"
  },
  "collection.updated": {
    "event_type": "collection.updated",
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "collection_name": "Sales Data EMEA",
    "collection_readable_id": "sales-data-ab123",
    "timestamp": "2025-01-18T08:05:42.906Z"
  },
  "collection.deleted": {
    "event_type": "collection.deleted",
    "collection_id": "770e8400-e29b-41d4-a716-446655440002",
    "collection_name": "Sales Data EMEA",
    "collection_readable_id": "sales-data-ab123",
    "source_connection_ids": [
      "660e8400-e29b-41d4-a716-446655440005"
    ],
    "timestamp": "2025-01-21T11:00:00.571Z"
  }
};
