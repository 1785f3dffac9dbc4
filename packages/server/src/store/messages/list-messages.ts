import { FilteredPayload, type Filters, textsInMatching, writtenFilters } from "../../domain/filters.ts";
import type { MessageId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { jsonText, type Message, type MessageStatus } from "../../domain/message.ts";
import { attemptConditions, attemptIdBounds } from "../attempts/attempt-conditions.ts";
import type { Page } from "../page.ts";
import { PageBytes, type Sized } from "../page-bytes.ts";
import type { ReadContext, SqlValue } from "../sql.ts";
import { candidatesFor } from "./candidates.ts";
import { messagesAmong } from "./conditions.ts";
import type { ListMessages } from "./interface.ts";
import { lookThrough } from "./look-through.ts";
import { type MessageRow, messageColumns, messageOf, sizeColumn, sizedColumns } from "./message-row.ts";
import { withPayloads } from "./read-messages.ts";

export async function listMessages(context: ReadContext, params: ListMessages): Promise<Page<Message, MessageId>> {
  const candidates = await candidatesFor(context, params);
  const page = new PageBytes();
  if (params.payloadFields.length === 0) {
    return await lookThrough(candidates, params, page, async (ids, limit) => {
      const rows = await withPayloads(
        context,
        page.take(await readMatching<MessageRow & Sized>(context, params, sizedColumns, ids, limit)),
      );
      return rows.map(messageOf);
    });
  }
  const filters = writtenFilters(params.payloadFields);
  const texts = textsInMatching(params.payloadFields);
  let examined = 0;
  let spentAt: MessageId | null = null;
  async function readWithFields(ids: readonly MessageId[], limit: number): Promise<Message[]> {
    const found: (MessageRow & Sized)[] = [];
    const sizes = await readMatching<SizedId>(context, params, `message.id, ${sizeColumn}`, ids, ids.length);
    for (const batch of batchesOf(sizes, limits.payloadBytesAtOnceMax)) {
      const matching = (await readWithTexts(context, batch, texts)).filter((row) => hasFields(messageOf(row), filters));
      found.push(...page.take(matching.slice(0, limit - found.length)));
      if (found.length === limit || page.isFull) break;
      examined += bytesOf(batch);
      if (examined < limits.payloadBytesExaminedForPageMax) continue;
      spentAt = batch.at(-1)?.id ?? null;
      break;
    }
    return found.map(messageOf);
  }
  return await lookThrough(candidates, params, page, readWithFields, {
    examinedMax: limits.payloadsExaminedForPageMax,
    sizeMax: payloadsAtOnce,
    spentAt: () => spentAt,
  });
}

// They are examined in one turn of the event loop: so many payloads, or so many bytes of them, take some milliseconds.
const payloadsAtOnce = 250;

interface SizedId extends Sized {
  readonly id: MessageId;
}

/**
 * The rows whose payload has all of these texts as they are, or a backslash, in the same order. The database compares them, so
 * that most payloads are not read.
 */
async function readWithTexts(
  { sql }: ReadContext,
  rows: readonly SizedId[],
  texts: readonly string[],
): Promise<(MessageRow & Sized)[]> {
  const ids = rows.map(({ id }) => id).sort();
  const has = (text: string) => `${sql.dialect.positionIn("payload", text)} > 0`;
  const found = await sql.all<MessageRow & Sized>(
    `select ${messageColumns}, ${sizeColumn} from message
     where id >= ? and id <= ? and ${sql.dialect.isOneOf("id")}
       and (${has("'\\'")} or (${["1 = 1", ...texts.map(() => has("?"))].join(" and ")}))`,
    ids.at(0) ?? "",
    ids.at(-1) ?? "",
    JSON.stringify(ids),
    ...texts,
  );
  const byId = new Map(found.map((row) => [row.id, row]));
  return rows.flatMap(({ id }) => byId.get(id) ?? []);
}

function bytesOf(rows: readonly Sized[]): number {
  return rows.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The rows in their order, in batches of at most so many bytes. A larger row is a batch by itself. */
function batchesOf<Row extends Sized>(rows: readonly Row[], bytesMax: number): Row[][] {
  const batches: Row[][] = [];
  for (let at = 0; at < rows.length; ) {
    const batch = new PageBytes(bytesMax).take(rows.slice(at));
    batches.push(batch);
    at += batch.length;
  }
  return batches;
}

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

async function readMatching<Row>(
  { sql }: ReadContext,
  params: ListMessages,
  columns: string,
  ids: readonly MessageId[],
  limit: number,
): Promise<Row[]> {
  const { subscriptionId, status, attempted, includesTests, oldestFirst } = params;
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
  if (attempted !== null) {
    const filtered = attemptConditions(attempted);
    // The bounds of the ids select the partitions to read.
    const attempt = ["message_id = message.id", "id > ?", "id < ?", ...filtered.conditions];
    const bound = [...attemptIdBounds(attempted), ...filtered.values];
    const made = `select 1 from attempt where ${attempt.join(" and ")}`;
    if (subscriptionId === null) where(`exists (${made})`, ...bound);
    else where(`exists (${made} and subscription_id = ?)`, ...bound, subscriptionId);
  }
  if (!includesTests) where("message.test_subscription_id is null");
  if (status === "success") where(`not exists (${fanOut})`);
  return await sql.all<Row>(
    `select ${columns} from message where ${conditions.join(" and ")} order by message.id ${oldestFirst ? "" : "desc"} limit ?`,
    ...values,
    limit,
  );
}
