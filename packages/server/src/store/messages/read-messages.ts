import { firstIdAt, type MessageId, type OrganizationId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import { PageBytes, type Sized } from "../page-bytes.ts";
import type { ReadContext } from "../sql.ts";
import { type MessageRow, messageColumns, messageOf, sizedColumns } from "./message-row.ts";

export async function readMessage(
  { sql }: ReadContext,
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
  context: ReadContext,
  { organizationId, messageIds }: { organizationId: OrganizationId; messageIds: readonly MessageId[] },
): Promise<{ messages: Message[]; unread: MessageId[] }> {
  const rows = await readAmong<MessageRow & Sized>(context, sizedColumns, messageIds);
  const known = new Map(rows.filter((row) => row.organization_id === organizationId).map((row) => [row.id, row]));
  const requested = messageIds.flatMap((id) => known.get(id) ?? []);
  const page = new PageBytes();
  const messages = await withPayloads(context, page.take(requested));
  return { messages: messages.map(messageOf), unread: requested.slice(messages.length).map(({ id }) => id) };
}

/** The rows with their payloads, in the same order. A row that was deleted meanwhile is left out. */
export async function withPayloads<Row extends MessageRow>(context: ReadContext, rows: readonly Row[]): Promise<Row[]> {
  const found = await readAmong<Pick<MessageRow, "id" | "payload">>(
    context,
    "id, payload",
    rows.map(({ id }) => id),
  );
  const payloads = new Map(found.map(({ id, payload }) => [id, payload]));
  return rows.flatMap((row) => {
    const payload = payloads.get(row.id);
    return payload === undefined ? [] : [{ ...row, payload }];
  });
}

async function readAmong<Row>({ sql }: ReadContext, columns: string, ids: readonly MessageId[]): Promise<Row[]> {
  const sorted = [...ids].sort();
  const [oldest, newest] = [sorted[0], sorted.at(-1)];
  if (oldest === undefined || newest === undefined) return [];
  // The bounds select the partitions to read.
  return await sql.all<Row>(
    `select ${columns} from message where id >= ? and id <= ? and ${sql.dialect.isOneOf("id")}`,
    oldest,
    newest,
    JSON.stringify(sorted),
  );
}

export async function findMessage(
  { sql }: ReadContext,
  { organizationId, eventId }: { organizationId: OrganizationId; eventId: string },
): Promise<Message | null> {
  const row = await sql.get<MessageRow>(
    `select ${messageColumns} from message where id = (${sql.dialect.byEventId("?", "?")})`,
    organizationId,
    eventId,
  );
  return row === null ? null : messageOf(row);
}

export async function countMessages(
  { sql }: ReadContext,
  { organizationId, until }: { organizationId: OrganizationId; until: number },
): Promise<number> {
  const row = await sql.get<{ count: number }>(
    "select count(*) as count from message where organization_id = ? and id < ?",
    organizationId,
    firstIdAt(until),
  );
  return row?.count ?? 0;
}
