import { FilteredPayload, type Filters, writtenFilters } from "../../domain/filters.ts";
import type { MessageId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { jsonText, type Message, type MessageStatus } from "../../domain/message.ts";
import type { Page } from "../page.ts";
import { PageBytes, type Sized } from "../page-bytes.ts";
import type { ReadContext, SqlValue } from "../sql.ts";
import { candidatesFor } from "./candidates.ts";
import { messagesAmong } from "./conditions.ts";
import type { ListMessages } from "./interface.ts";
import { lookThrough } from "./look-through.ts";
import { type MessageRow, messageOf, sizedColumns } from "./message-row.ts";
import { withPayloads } from "./read-messages.ts";

export async function listMessages(context: ReadContext, params: ListMessages): Promise<Page<Message, MessageId>> {
  const candidates = await candidatesFor(context, params);
  const page = new PageBytes();
  if (params.payloadFields.length === 0) {
    return await lookThrough(candidates, params, page, async (ids, limit) => {
      const rows = await withPayloads(context, page.take(await readMatching(context, params, ids, limit)));
      return rows.map(messageOf);
    });
  }
  const filters = writtenFilters(params.payloadFields);
  let length = 0;
  async function readWithFields(ids: readonly MessageId[], limit: number): Promise<Message[]> {
    const rows = await withPayloads(context, await readMatching(context, params, ids, ids.length));
    length += rows.reduce((sum, { payload }) => sum + payload.length, 0);
    const found = rows.filter((row) => hasFields(messageOf(row), filters));
    return page.take(found.slice(0, limit)).map(messageOf);
  }
  return await lookThrough(candidates, params, page, readWithFields, {
    examinedMax: limits.payloadsExaminedForPageMax,
    sizeMax: payloadsAtOnce,
    isSpent: () => length >= limits.payloadLengthExaminedForPageMax,
  });
}

// They are read in one turn of the event loop: this number of the largest payloads takes some milliseconds.
const payloadsAtOnce = 8;

function hasFields(message: Message, filters: Filters): boolean {
  if (message.payloadDeletedAt !== null) return false;
  const text = jsonText(message);
  return text !== null && /^\s*[[{]/.test(text) && new FilteredPayload(text).matches(filters);
}

// A message is failed when one of its deliveries exhausted its attempts, pending while one of them is unfinished, and
// has succeeded when it had deliveries and all of them were delivered. A message whose fan-out waits is pending as
// well, regardless of its deliveries so far.
const statusConditions: Record<MessageStatus, readonly { exists: boolean; states: string }[]> = {
  failed: [{ exists: true, states: "('failed')" }],
  pending: [{ exists: true, states: "('due', 'claimed')" }],
  success: [
    { exists: true, states: "('delivered')" },
    { exists: false, states: "('due', 'claimed', 'failed')" },
  ],
};

async function readMatching(
  { sql }: ReadContext,
  params: ListMessages,
  ids: readonly MessageId[],
  limit: number,
): Promise<(MessageRow & Sized)[]> {
  const { subscriptionId, status, includesTests, oldestFirst } = params;
  const { conditions, values } = messagesAmong(sql.dialect, ids, params);
  function where(condition: string, ...bound: SqlValue[]): void {
    conditions.push(condition);
    values.push(...bound);
  }
  const fanOut =
    "select 1 from fan_out f where f.organization_id = message.organization_id and f.message_id = message.id";
  const delivery = "select 1 from delivery d where d.message_id = message.id";
  if (subscriptionId !== null) where(`exists (${delivery} and d.subscription_id = ?)`, subscriptionId);
  for (const { exists, states } of status === null ? [] : statusConditions[status]) {
    const found = `${exists ? "" : "not "}exists (${delivery} and d.state in ${states}`;
    if (subscriptionId === null) where(`${found})`);
    else where(`${found} and d.subscription_id = ?)`, subscriptionId);
  }
  if (!includesTests) where("message.test_subscription_id is null");
  if (status === "success") where(`not exists (${fanOut})`);
  return await sql.all<MessageRow & Sized>(
    `select ${sizedColumns} from message where ${conditions.join(" and ")} order by message.id ${oldestFirst ? "" : "desc"} limit ?`,
    ...values,
    limit,
  );
}
