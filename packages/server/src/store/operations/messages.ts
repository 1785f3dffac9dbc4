import type { MessageId, OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import type { IdempotentRequest, IdempotentStart } from "../message-store.ts";
import type { Reading, Writing } from "../sql.ts";

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
  { sql }: Reading,
  { organizationId, messageIds }: { organizationId: OrganizationId; messageIds: readonly MessageId[] },
): Promise<Message[]> {
  const ids = [...messageIds].sort();
  const [oldest, newest] = [ids[0], ids.at(-1)];
  if (oldest === undefined || newest === undefined) return [];
  // The bounds say which partitions to look into.
  const rows = await sql.all<MessageRow>(
    `select ${messageColumns} from message where id >= ? and id <= ? and ${sql.dialect.isOneOf("id")} and organization_id = ?`,
    oldest,
    newest,
    JSON.stringify(ids),
    organizationId,
  );
  return rows.map(messageOf);
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
