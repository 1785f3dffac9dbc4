import type { MessageId, OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import { PageBytes, type Sized } from "../page-bytes.ts";
import type { Reading, Writing } from "../sql.ts";
import type { IdempotentRequest, IdempotentStart } from "./interface.ts";

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
}

/** The columns of a message but for its payload, with the bytes of what may be large. */
export const sizedColumns = `message.id, message.organization_id, event_type, event_id, '' as payload, payload_deleted_at,
  message.created_at, message.channels, tags, content_type, deliver_at, payload_until,
  octet_length(payload) + octet_length(coalesce(message.channels, '')) + octet_length(coalesce(tags, '')) as bytes`;

export const messageColumns = `message.id, message.organization_id, event_type, event_id, payload, payload_deleted_at,
  message.created_at, message.channels, tags, content_type, deliver_at, payload_until`;

export async function readMessage(
  { sql }: Reading,
  { organizationId, messageId }: { organizationId: OrganizationId; messageId: MessageId },
): Promise<Message | null> {
  const row = await sql.get<MessageRow>(
    `select ${messageColumns} from message where id = ? and organization_id = ?`,
    messageId,
    organizationId,
  );
  return row === null ? null : messageOf(row);
}

export async function readMessages(
  reading: Reading,
  { organizationId, messageIds }: { organizationId: OrganizationId; messageIds: readonly MessageId[] },
): Promise<{ messages: Message[]; unread: MessageId[] }> {
  const rows = await readAmong<MessageRow & Sized>(reading, sizedColumns, messageIds);
  const known = new Map(rows.filter((row) => row.organization_id === organizationId).map((row) => [row.id, row]));
  const asked = messageIds.flatMap((id) => known.get(id) ?? []);
  const page = new PageBytes();
  const messages = await withPayloads(reading, page.take(asked));
  return { messages: messages.map(messageOf), unread: asked.slice(messages.length).map(({ id }) => id) };
}

/** The rows with their payloads, in the same order. One that was forgotten meanwhile is left out. */
export async function withPayloads<Row extends MessageRow>(reading: Reading, rows: readonly Row[]): Promise<Row[]> {
  const found = await readAmong<Pick<MessageRow, "id" | "payload">>(
    reading,
    "id, payload",
    rows.map(({ id }) => id),
  );
  const payloads = new Map(found.map(({ id, payload }) => [id, payload]));
  return rows.flatMap((row) => {
    const payload = payloads.get(row.id);
    return payload === undefined ? [] : [{ ...row, payload }];
  });
}

async function readAmong<Row>({ sql }: Reading, columns: string, ids: readonly MessageId[]): Promise<Row[]> {
  const sorted = [...ids].sort();
  const [oldest, newest] = [sorted[0], sorted.at(-1)];
  if (oldest === undefined || newest === undefined) return [];
  // The bounds say which partitions to look into.
  return await sql.all<Row>(
    `select ${columns} from message where id >= ? and id <= ? and ${sql.dialect.isOneOf("id")}`,
    oldest,
    newest,
    JSON.stringify(sorted),
  );
}

export async function findMessage(
  { sql }: Reading,
  { organizationId, eventId }: { organizationId: OrganizationId; eventId: string },
): Promise<Message | null> {
  const row = await sql.get<MessageRow>(
    `select ${messageColumns} from message where id = (${sql.dialect.byEventId})`,
    organizationId,
    eventId,
  );
  return row === null ? null : messageOf(row);
}

export async function deletePayload(
  writing: Writing,
  { organizationId, messageId, now }: { organizationId: OrganizationId; messageId: MessageId; now: number },
): Promise<boolean> {
  const message = await readMessage(writing, { organizationId, messageId });
  if (message === null) return false;
  if (message.payloadDeletedAt === null) await deletePayloads(writing, [messageId], now);
  return true;
}

export async function deleteExpiredPayloads(
  writing: Writing,
  { now, limit }: { now: number; limit: number },
): Promise<number> {
  const rows = await writing.sql.all<{ id: MessageId }>(
    "select id from message where payload_until <= ? order by payload_until limit ?",
    now,
    limit,
  );
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0) await deletePayloads(writing, ids, now);
  return ids.length;
}

// What is claimed this moment is sent; if it has to be sent again, whoever claims it finds that there is nothing left to send.
export async function deletePayloads({ sql }: Writing, ids: readonly MessageId[], now: number): Promise<void> {
  await sql.run(
    `update message set payload = '', payload_deleted_at = ?, payload_until = null where ${sql.dialect.isOneOf("id")}`,
    now,
    JSON.stringify(ids),
  );
  await sql.run(
    `update delivery set state = 'cancelled' where ${sql.dialect.isOneOf("message_id")} and state = 'due'`,
    JSON.stringify(ids),
  );
}

interface IdempotencyRow {
  readonly request_hash: string;
  readonly created_at: number;
  readonly status: number | null;
  readonly body: string | null;
}

export async function beginIdempotent(
  { sql, vault }: Writing,
  request: IdempotentRequest & { now: number },
): Promise<IdempotentStart> {
  const { organizationId, key, requestHash, now } = request;
  const begun = await sql.run(
    `insert into idempotency (organization_id, key, request_hash, created_at) values (?, ?, ?, ?)
     on conflict (organization_id, key) do nothing`,
    organizationId,
    key,
    requestHash,
    now,
  );
  if (begun > 0) return { kind: "begun" };
  const row = await sql.get<IdempotencyRow>(
    `select request_hash, created_at, status, body from idempotency where organization_id = ? and key = ?
     ${sql.dialect.forUpdate}`,
    organizationId,
    key,
  );
  if (row !== null && row.created_at > now - limits.idempotencyKeptMs) {
    if (row.request_hash !== requestHash) return { kind: "conflict" };
    if (row.status !== null && row.body !== null) {
      return { kind: "answered", status: row.status, body: vault.open(row.body) };
    }
    if (row.created_at > now - limits.idempotencyUnfinishedMs) return { kind: "in_progress" };
  }
  await sql.run(
    `update idempotency set request_hash = ?, created_at = ?, status = null, body = null
     where organization_id = ? and key = ?`,
    requestHash,
    now,
    organizationId,
    key,
  );
  return { kind: "begun" };
}

export async function finishIdempotent(
  { sql, vault }: Writing,
  params: { organizationId: OrganizationId; key: string; answer: { status: number; body: string } | null },
): Promise<null> {
  const { organizationId, key, answer } = params;
  if (answer === null) {
    await sql.run(
      "delete from idempotency where organization_id = ? and key = ? and status is null",
      organizationId,
      key,
    );
  } else {
    await sql.run(
      "update idempotency set status = ?, body = ? where organization_id = ? and key = ?",
      answer.status,
      vault.seal(answer.body),
      organizationId,
      key,
    );
  }
  return null;
}

export async function deleteIdempotencyBefore(
  { sql }: Writing,
  params: { before: number; limit: number },
): Promise<number> {
  return await sql.run(
    `delete from idempotency where (organization_id, key) in
       (select organization_id, key from idempotency where created_at < ? order by created_at limit ?)`,
    params.before,
    params.limit,
  );
}

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
  };
}
