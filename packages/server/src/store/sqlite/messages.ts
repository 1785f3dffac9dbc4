import type { SQLInputValue } from "node:sqlite";
import { firstIdAt, type MessageId, type OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message, MessageStatus } from "../../domain/message.ts";
import type { IdempotentRequest, IdempotentStart, ListMessages } from "../message-store.ts";
import type { Reading, Writing } from "./transaction.ts";

interface MessageRow {
  readonly id: MessageId;
  readonly organization_id: OrganizationId;
  readonly event_type: string;
  readonly event_id: string | null;
  readonly payload: string;
  readonly created_at: number;
}

const columns = "message.id, message.organization_id, event_type, event_id, payload, message.created_at";

export function readMessage(
  { db }: Reading,
  { organizationId, messageId }: { organizationId: OrganizationId; messageId: MessageId },
): Message | null {
  const row = db.get<MessageRow>(
    `select ${columns} from message where id = ? and organization_id = ?`,
    messageId,
    organizationId,
  );
  return row === null ? null : messageOf(row);
}

// A message fails when one of its deliveries failed for good, is pending while one is still to be made, and has
// succeeded when there was something to deliver and all of it was delivered.
const statusConditions: Record<MessageStatus, string> = {
  failed:
    "exists (select 1 from delivery d where d.message_id = message.id and d.state = 'failed' and (?1 is null or d.subscription_id = ?1))",
  pending:
    "exists (select 1 from delivery d where d.message_id = message.id and d.state in ('due', 'claimed') and (?1 is null or d.subscription_id = ?1))",
  success:
    "exists (select 1 from delivery d where d.message_id = message.id and d.state = 'delivered' and (?1 is null or d.subscription_id = ?1)) " +
    "and not exists (select 1 from delivery d where d.message_id = message.id and d.state in ('due', 'claimed', 'failed') and (?1 is null or d.subscription_id = ?1))",
};

export function listMessages({ db }: Reading, params: ListMessages): Message[] {
  const { subscriptionId, eventTypes, since, until, cursor } = params;
  const conditions = ["message.organization_id = ?"];
  const values: SQLInputValue[] = [params.organizationId];
  function where(condition: string, ...bound: SQLInputValue[]): void {
    conditions.push(condition);
    values.push(...bound);
  }
  if (eventTypes !== null) where("event_type in (select value from json_each(?))", JSON.stringify(eventTypes));
  if (since !== null) where("message.id >= ?", firstIdAt(since));
  if (until !== null) where("message.id < ?", firstIdAt(until));
  if (cursor !== null) where("message.id < ?", cursor);
  if (subscriptionId !== null) {
    where(
      "exists (select 1 from delivery d where d.message_id = message.id and d.subscription_id = ?)",
      subscriptionId,
    );
  }
  if (params.status !== null) {
    const condition = statusConditions[params.status];
    const places = condition.split("?1").length - 1;
    where(condition.replaceAll("?1", "?"), ...Array<SQLInputValue>(places).fill(subscriptionId));
  }
  return db
    .all<MessageRow>(
      `select ${columns} from message where ${conditions.join(" and ")} order by message.id desc limit ?`,
      ...values,
      params.limit,
    )
    .map(messageOf);
}

export function deleteMessagesBefore({ db }: Writing, params: { before: number; limit: number }): number {
  const ids = JSON.stringify(
    db
      .all<{ id: string }>(
        "select id from message where id < ? order by id limit ?",
        firstIdAt(params.before),
        params.limit,
      )
      .map((row) => row.id),
  );
  db.run("delete from attempt where message_id in (select value from json_each(?))", ids);
  db.run("delete from delivery where message_id in (select value from json_each(?))", ids);
  return db.run("delete from message where id in (select value from json_each(?))", ids);
}

export function beginIdempotent({ db, vault }: Writing, request: IdempotentRequest & { now: number }): IdempotentStart {
  const { organizationId, key, requestHash, now } = request;
  const row = db.get<{ request_hash: string; created_at: number; status: number | null; body: string | null }>(
    "select request_hash, created_at, status, body from idempotency where organization_id = ? and key = ?",
    organizationId,
    key,
  );
  const expired = row !== null && row.created_at <= now - limits.idempotencyKeptMs;
  if (row !== null && !expired) {
    if (row.request_hash !== requestHash) return { kind: "conflict" };
    if (row.status !== null && row.body !== null) {
      return { kind: "answered", status: row.status, body: vault.open(row.body) };
    }
    if (row.created_at > now - limits.idempotencyUnfinishedMs) return { kind: "in_progress" };
  }
  db.run(
    `insert into idempotency (organization_id, key, request_hash, created_at) values (?, ?, ?, ?)
     on conflict do update set request_hash = excluded.request_hash, created_at = excluded.created_at, status = null, body = null`,
    organizationId,
    key,
    requestHash,
    now,
  );
  return { kind: "begun" };
}

export function finishIdempotent(
  { db, vault }: Writing,
  params: { organizationId: OrganizationId; key: string; answer: { status: number; body: string } | null },
): null {
  const { organizationId, key, answer } = params;
  if (answer === null) {
    db.run("delete from idempotency where organization_id = ? and key = ? and status is null", organizationId, key);
  } else {
    db.run(
      "update idempotency set status = ?, body = ? where organization_id = ? and key = ?",
      answer.status,
      vault.seal(answer.body),
      organizationId,
      key,
    );
  }
  return null;
}

export function deleteIdempotencyBefore({ db }: Writing, params: { before: number; limit: number }): number {
  return db.run(
    `delete from idempotency where (organization_id, key) in
       (select organization_id, key from idempotency where created_at < ? order by created_at limit ?)`,
    params.before,
    params.limit,
  );
}

function messageOf(row: MessageRow): Message {
  return {
    id: row.id,
    organizationId: row.organization_id,
    eventType: row.event_type,
    eventId: row.event_id,
    payload: row.payload,
    createdAt: row.created_at,
  };
}
