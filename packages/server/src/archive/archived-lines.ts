// The lines of an archived file: one JSON object for each message, each delivery and each attempt.

import type { Attempt } from "../domain/attempt.ts";
import type { MessageId, OrganizationId } from "../domain/id.ts";
import type { Message } from "../domain/message.ts";
import type { ExpiredDelivery, RetentionStore } from "../store/retention/interface.ts";
import type { Store } from "../store/store.ts";

const messagesPerPage = 100;
const rowsPerPage = 500;

type ReadableStore = Pick<Store, "readMessages"> &
  Pick<RetentionStore, "readExpiredDeliveries" | "readExpiredAttempts">;

/** The lines of these messages. It reads their rows in pages. */
export async function* archivedLines(
  store: ReadableStore,
  organizationId: OrganizationId,
  messageIds: readonly MessageId[],
): AsyncGenerator<string> {
  for (let start = 0; start < messageIds.length; start += messagesPerPage) {
    const page = messageIds.slice(start, start + messagesPerPage);
    yield* messageLines(store, organizationId, page);
    yield* rowLines(
      (after: ExpiredDelivery | null) =>
        store.readExpiredDeliveries({ organizationId, messageIds: page, after, limit: rowsPerPage }),
      deliveryLine,
    );
    yield* rowLines(
      (after: Attempt | null) =>
        store.readExpiredAttempts({ organizationId, messageIds: page, after, limit: rowsPerPage }),
      attemptLine,
    );
  }
}

async function* messageLines(
  store: ReadableStore,
  organizationId: OrganizationId,
  messageIds: readonly MessageId[],
): AsyncGenerator<string> {
  let unread = messageIds;
  while (unread.length > 0) {
    const page = await store.readMessages({ organizationId, messageIds: unread });
    for (const message of page.messages) yield messageLine(message);
    unread = page.unread;
  }
}

async function* rowLines<Row>(
  read: (after: Row | null) => Promise<Row[]>,
  lineOf: (row: Row) => string,
): AsyncGenerator<string> {
  let after: Row | null = null;
  for (;;) {
    const rows: Row[] = await read(after);
    for (const row of rows) yield lineOf(row);
    if (rows.length < rowsPerPage) return;
    after = rows.at(-1) ?? null;
  }
}

/** The payload is a string that has exactly the bytes of the accepted one. */
function messageLine(message: Message): string {
  return JSON.stringify({
    type: "message",
    id: message.id,
    organization_id: message.organizationId,
    event_type: message.eventType,
    event_id: message.eventId,
    created_at: timeText(message.createdAt),
    content_type: message.contentType,
    channels: message.channels,
    tags: message.tags,
    deliver_at: timeText(message.deliverAt),
    payload: message.payloadDeletedAt === null ? message.payload : null,
    payload_deleted_at: timeText(message.payloadDeletedAt),
  });
}

function deliveryLine({ messageId, subscriptionId, state, attempts }: ExpiredDelivery): string {
  return JSON.stringify({
    type: "delivery",
    message_id: messageId,
    subscription_id: subscriptionId,
    state,
    attempts,
  });
}

function attemptLine(attempt: Attempt): string {
  return JSON.stringify({
    type: "attempt",
    id: attempt.id,
    message_id: attempt.messageId,
    subscription_id: attempt.subscriptionId,
    attempt_number: attempt.attemptNumber,
    trigger: attempt.trigger,
    url: attempt.url,
    started_at: timeText(attempt.startedAt),
    duration_ms: attempt.durationMs,
    succeeded: attempt.succeeded,
    response_status: attempt.responseStatus,
    response_headers: attempt.responseHeaders,
    response_body: attempt.responseBody,
    error: attempt.error,
  });
}

function timeText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
