import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { IdempotentRequest } from "../idempotency/interface.ts";
import type { AcceptedMessage, AcceptMessages, AcceptResult } from "../messages/interface.ts";
import { jsonOrNull } from "../sql.ts";
import { fanOut } from "./fan-out.ts";
import type { SqliteWriteContext } from "./write-context.ts";

export function acceptMessages(context: SqliteWriteContext, params: AcceptMessages): AcceptResult {
  const { organizationId, messages, idempotency, testOf } = params;
  const earlier = idempotency === null ? null : readResponse(context, idempotency);
  if (earlier !== null) return earlier;

  const known = messages.map((message) => findByEventId(context, organizationId, message));
  const index = known.findIndex((row, at) => row !== null && !sameContent(row, messages[at]));
  if (index >= 0) return { kind: "event_id_conflict", index };

  const accepted = messages.map((message, at) => {
    // Two events of one batch may share an event id: the second one finds the first, which was stored just before.
    const twin = known[at] ?? (at > 0 ? findByEventId(context, organizationId, message) : null);
    if (twin !== null) return { id: twin.id, createdAt: twin.created_at, duplicate: true };
    insertMessage(context, message, testOf);
    fanOut(context, message, { testOf, after: null });
    return { id: message.id, createdAt: message.createdAt, duplicate: false };
  });
  if (idempotency !== null) keepResponse(context, idempotency, accepted);
  return { kind: "accepted", messages: accepted };
}

/** Stores messages that announce a change in the transaction of that change. */
export function announce(context: SqliteWriteContext, messages: readonly Message[], after: MessageId | null): void {
  for (const message of messages) {
    insertMessage(context, message, null);
    fanOut(context, message, { testOf: null, after });
  }
}

interface KnownEvent {
  readonly id: MessageId;
  readonly event_type: string;
  readonly payload: string;
  readonly created_at: number;
}

function findByEventId(
  context: SqliteWriteContext,
  organizationId: OrganizationId,
  message: Message,
): KnownEvent | null {
  if (message.eventId === null) return null;
  return context.db.get<KnownEvent>(
    `select id, event_type, payload, created_at from message where organization_id = ? and event_id = ?
     union all select id, event_type, payload, created_at from outbox where organization_id = ? and event_id = ?`,
    organizationId,
    message.eventId,
    organizationId,
    message.eventId,
  );
}

function sameContent(known: KnownEvent, message: Message | undefined): boolean {
  return known.event_type === message?.eventType && known.payload === message.payload;
}

function insertMessage(context: SqliteWriteContext, message: Message, testOf: SubscriptionId | null): void {
  context.db.run(
    `insert into message (id, organization_id, event_type, event_id, payload, created_at, test_subscription_id, channels, tags,
       content_type, deliver_at, payload_until, trace_context) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    message.id,
    message.organizationId,
    message.eventType,
    message.eventId,
    message.payload,
    message.createdAt,
    testOf,
    jsonOrNull(message.channels),
    jsonOrNull(message.tags),
    message.contentType,
    message.deliverAt,
    message.payloadUntil,
    message.traceContext,
  );
  context.changeLog.message(message.organizationId, message.id);
}

function readResponse(context: SqliteWriteContext, request: IdempotentRequest): AcceptResult | null {
  const row = context.db.get<{ request_hash: string; body: string | null }>(
    "select request_hash, body from idempotency where organization_id = ? and key = ?",
    request.organizationId,
    request.key,
  );
  if (row === null) return null;
  if (row.request_hash !== request.requestHash || row.body === null) return { kind: "idempotency_conflict" };
  return { kind: "accepted", messages: JSON.parse(row.body) as AcceptedMessage[] };
}

function keepResponse(
  context: SqliteWriteContext,
  request: IdempotentRequest,
  accepted: readonly AcceptedMessage[],
): void {
  context.db.run(
    "insert into idempotency (organization_id, key, request_hash, created_at, status, body) values (?, ?, ?, ?, 200, ?)",
    request.organizationId,
    request.key,
    request.requestHash,
    request.createdAt,
    JSON.stringify(accepted),
  );
}
