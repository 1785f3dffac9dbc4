import type { MessageId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message, MessageStatus } from "../../domain/message.ts";
import type { ListMessages } from "../message-store.ts";
import type { Reading, SqlValue } from "../sql.ts";
import type { Page } from "../store.ts";
import { type Candidates, candidatesFor } from "./message-candidates.ts";
import { type MessageRow, messageColumns, messageOf } from "./messages.ts";

const firstLook = 4;
const chunkMax = 2_000;

/**
 * Looks through the messages that may belong to the list, chunk by chunk, until the page is full or has passed over as
 * many as a page may: then it is short, and says where to go on.
 */
export async function listMessages(reading: Reading, params: ListMessages): Promise<Page<Message, MessageId>> {
  const candidates = await candidatesFor(reading, params);
  const found: Message[] = [];
  let cursor = params.cursor;
  let size = params.limit + 1;
  for (let examined = 0; ; ) {
    const { ids, isEnd }: Candidates = await candidates(cursor, size);
    found.push(...(await readMatching(reading, params, ids, params.limit + 1 - found.length)));
    if (found.length > params.limit) return { items: found.slice(0, -1), next: found.at(-2)?.id ?? null };
    cursor = ids.at(-1) ?? cursor;
    if (isEnd) return { items: found, next: null };
    examined += ids.length;
    if (examined >= limits.examinedForPageMax) return { items: found, next: cursor };
    size = Math.min(size * firstLook, chunkMax, limits.examinedForPageMax - examined);
  }
}

// A message fails when one of its deliveries failed for good, is pending while one is still to be made, and has
// succeeded when there was something to deliver and all of it was delivered.
const statusConditions: Record<MessageStatus, readonly { exists: boolean; states: string }[]> = {
  failed: [{ exists: true, states: "('failed')" }],
  pending: [{ exists: true, states: "('due', 'claimed')" }],
  success: [
    { exists: true, states: "('delivered')" },
    { exists: false, states: "('due', 'claimed', 'failed')" },
  ],
};

async function readMatching(
  { sql }: Reading,
  { organizationId, subscriptionId, eventTypes, channel, tag, status, oldestFirst }: ListMessages,
  ids: readonly MessageId[],
  limit: number,
): Promise<Message[]> {
  const [newest, oldest] = oldestFirst ? [ids.at(-1), ids[0]] : [ids[0], ids.at(-1)];
  if (newest === undefined || oldest === undefined) return [];
  // The bounds say which partitions to look into.
  const conditions = ["message.id >= ? and message.id <= ?", sql.dialect.isOneOf("message.id")];
  const values: SqlValue[] = [oldest, newest, JSON.stringify(ids)];
  function where(condition: string, ...bound: SqlValue[]): void {
    conditions.push(condition);
    values.push(...bound);
  }
  where("message.organization_id = ?", organizationId);
  if (eventTypes !== null) where(`event_type in (${sql.dialect.eachText})`, JSON.stringify(eventTypes));
  if (channel !== null) where(sql.dialect.hasItem("message.channels"), channel);
  if (tag !== null) where(sql.dialect.hasItem("tags"), tag);
  const delivery = "select 1 from delivery d where d.message_id = message.id";
  if (subscriptionId !== null) where(`exists (${delivery} and d.subscription_id = ?)`, subscriptionId);
  for (const { exists, states } of status === null ? [] : statusConditions[status]) {
    const found = `${exists ? "" : "not "}exists (${delivery} and d.state in ${states}`;
    if (subscriptionId === null) where(`${found})`);
    else where(`${found} and d.subscription_id = ?)`, subscriptionId);
  }
  const rows = await sql.all<MessageRow>(
    `select ${messageColumns} from message where ${conditions.join(" and ")} order by message.id ${oldestFirst ? "" : "desc"} limit ?`,
    ...values,
    limit,
  );
  return rows.map(messageOf);
}
