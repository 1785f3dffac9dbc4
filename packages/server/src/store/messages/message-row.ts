import type { MessageId, OrganizationId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";

export interface MessageRow {
  readonly id: MessageId;
  readonly organization_id: OrganizationId;
  readonly event_type: string;
  readonly event_id: string | null;
  readonly payload: string;
  readonly payload_deleted_at: number | null;
  readonly created_at: number;
  readonly channels: string | null;
  readonly tags: string | null;
  readonly content_type: string | null;
  readonly deliver_at: number | null;
  readonly payload_until: number | null;
  readonly trace_context: string | null;
}

/** The length of the columns that may be large. */
export const sizeColumn =
  "octet_length(payload) + octet_length(coalesce(message.channels, '')) + octet_length(coalesce(tags, '')) as bytes";

/** The columns of a message without its payload, with its size. */
export const sizedColumns = `message.id, message.organization_id, event_type, event_id, '' as payload, payload_deleted_at,
  message.created_at, message.channels, tags, content_type, deliver_at, payload_until, trace_context,
  ${sizeColumn}`;

export const messageColumns = `message.id, message.organization_id, event_type, event_id, payload, payload_deleted_at,
  message.created_at, message.channels, tags, content_type, deliver_at, payload_until, trace_context`;

export function messageOf(row: MessageRow): Message {
  return {
    id: row.id,
    organizationId: row.organization_id,
    eventType: row.event_type,
    eventId: row.event_id,
    payload: row.payload,
    payloadDeletedAt: row.payload_deleted_at,
    createdAt: row.created_at,
    channels: row.channels === null ? null : (JSON.parse(row.channels) as string[]),
    tags: row.tags === null ? null : (JSON.parse(row.tags) as string[]),
    contentType: row.content_type,
    deliverAt: row.deliver_at,
    payloadUntil: row.payload_until,
    traceContext: row.trace_context,
  };
}
