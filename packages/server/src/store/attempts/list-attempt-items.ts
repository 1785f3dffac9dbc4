import type { Trigger } from "../../domain/attempt.ts";
import { firstIdAt, type MessageId, type SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { messageConditions } from "../messages/conditions.ts";
import type { Page } from "../page.ts";
import { lastId, type ReadContext, type SqlValue } from "../sql.ts";
import { attemptConditions, attemptIdBounds, isFailure } from "./attempt-conditions.ts";
import { messageOfMade, recordedAttemptOf, type TypedAttemptRow, typedAttempt } from "./attempt-row.ts";
import type { AttemptListItem, ListAttemptItems } from "./interface.ts";

/** The newest rows of one kind. */
interface Part {
  readonly rows: readonly AttemptListItem[];
  /** There may be more of them, and older ones than this are not known; null when these are all. */
  readonly knownFrom: string | null;
}

export async function listAttemptItems(
  context: ReadContext,
  params: ListAttemptItems,
): Promise<Page<AttemptListItem, string>> {
  const { status, statusClass, limit } = params;
  const mayBePending = (status === null || status === "pending") && statusClass === null;
  const parts = await Promise.all([
    ...(mayBePending ? pendingParts(context, params) : []),
    ...(status === "pending" ? [] : [madePart(context, params)]),
  ]);
  const knownFrom = parts.reduce(
    (newest, part) => ((part.knownFrom ?? "") > newest ? (part.knownFrom ?? "") : newest),
    "",
  );
  const rows = parts
    .flatMap((part) => part.rows)
    .filter((row) => idOf(row) >= knownFrom)
    .sort((a, b) => (idOf(a) < idOf(b) ? 1 : -1));
  const last = rows[limit - 1];
  if (last !== undefined && rows.length > limit) return { items: rows.slice(0, limit), next: idOf(last) };
  return { items: rows, next: knownFrom === "" ? null : knownFrom };
}

/** Its id in a cursor. A delivery without an attempt has the id of its message. */
function idOf(row: AttemptListItem): string {
  return row.kind === "made" ? row.id : row.messageId;
}

/** The newest rows of an index that a page may look at. */
interface Window {
  readonly table: "delivery" | "attempt";
  /** The column that the cursor is compared with. */
  readonly id: "message_id" | "id";
  readonly where: string;
  readonly values: readonly SqlValue[];
  /** The ids between which the page looks; both ends are outside. */
  readonly bounds: readonly [string, string];
}

interface PendingRow {
  readonly message_id: MessageId;
  readonly subscription_id: SubscriptionId;
  readonly event_type: string;
  readonly url: string;
  readonly created_at: number;
  readonly due_at: number;
  readonly trigger: Trigger;
}

function pendingParts(context: ReadContext, params: ListAttemptItems): Promise<Part>[] {
  const { messageId, subscriptionId, since, until } = params;
  const window = {
    table: "delivery",
    id: "message_id",
    bounds: boundsOf(params, [firstIdAt(since ?? 0), until === null ? lastId : firstIdAt(until)]),
  } as const;
  if (messageId !== null) {
    return [pendingPart(context, params, { ...window, where: "message_id = ?", values: [messageId] })];
  }
  return ["state = 'due' and subscription_id = ?", "state = 'claimed' and subscription_id = ?"].map((where) =>
    pendingPart(context, params, { ...window, where, values: [subscriptionId] }),
  );
}

async function pendingPart(context: ReadContext, params: ListAttemptItems, window: Window): Promise<Part> {
  const { organizationId, subscriptionId, limit } = params;
  const message = messageConditions(context.sql.dialect, { ...params, channel: null, tag: null });
  const rows = await context.sql.all<PendingRow>(
    `select message_id, subscription_id, event_type, url, message.created_at, due_at, trigger
       from (${rowsOf(window, "*")} limit ?) as waiting
         join subscription on subscription.id = subscription_id join message on message.id = message_id
       where waiting.organization_id = ? and attempts = 0 and state in ('due', 'claimed')
         ${subscriptionId === null ? "" : "and subscription_id = ?"}
         ${message.conditions.map((condition) => `and ${condition}`).join(" ")}
       order by message_id desc limit ?`,
    ...window.values,
    ...window.bounds,
    limits.examinedForPageMax,
    organizationId,
    ...(subscriptionId === null ? [] : [subscriptionId]),
    ...message.values,
    limit + 1,
  );
  return await partOf(context, params, window, rows.map(pendingOf));
}

async function madePart(context: ReadContext, params: ListAttemptItems): Promise<Part> {
  const { organizationId, messageId, subscriptionId, status, statusClass, limit } = params;
  // An index contains the failed attempts of a subscription, however many others succeeded in between.
  const failed = status === "failed" || isFailure(statusClass) ? " and succeeded = 0" : "";
  const window: Window = {
    table: "attempt",
    id: "id",
    bounds: boundsOf(params, attemptIdBounds(params)),
    ...(messageId === null
      ? { where: `subscription_id = ?${failed}`, values: [subscriptionId] }
      : { where: "message_id = ?", values: [messageId] }),
  };
  const filtered = attemptConditions(params);
  const conditions = ["organization_id = ?", ...filtered.conditions];
  const values: SqlValue[] = [organizationId, ...filtered.values];
  if (messageId !== null && subscriptionId !== null) {
    conditions.push("subscription_id = ?");
    values.push(subscriptionId);
  }
  if (status !== null) conditions.push(`succeeded = ${status === "success" ? 1 : 0}`);
  const message = messageConditions(context.sql.dialect, { ...params, channel: null, tag: null });
  if (message.conditions.length > 0) {
    conditions.push(`exists (${messageOfMade("1", message.conditions)})`);
    values.push(...message.values);
  }
  const rows = await context.sql.all<TypedAttemptRow>(
    `select ${typedAttempt} from (${rowsOf(window, "*")} limit ?) as made where ${conditions.join(" and ")}
       order by id desc limit ?`,
    ...window.values,
    ...window.bounds,
    limits.examinedForPageMax,
    ...values,
    limit + 1,
  );
  return await partOf(context, params, window, rows.map(recordedAttemptOf));
}

function rowsOf({ table, id, where }: Window, columns: string): string {
  return `select ${columns} from ${table} where ${where} and ${id} > ? and ${id} < ? order by ${id} desc`;
}

function boundsOf({ cursor }: ListAttemptItems, [start, end]: [string, string]): [string, string] {
  return [start, cursor !== null && cursor < end ? cursor : end];
}

async function partOf(
  context: ReadContext,
  params: ListAttemptItems,
  window: Window,
  rows: readonly AttemptListItem[],
): Promise<Part> {
  const last = rows.at(-1);
  if (last !== undefined && rows.length > params.limit) return { rows, knownFrom: idOf(last) };
  const end = await context.sql.get<{ id: string }>(
    `${rowsOf(window, `${window.id} as id`)} limit 1 offset ?`,
    ...window.values,
    ...window.bounds,
    limits.examinedForPageMax - 1,
  );
  return { rows, knownFrom: end?.id ?? null };
}

function pendingOf(row: PendingRow): AttemptListItem {
  return {
    kind: "pending",
    messageId: row.message_id,
    subscriptionId: row.subscription_id,
    url: row.url,
    eventType: row.event_type,
    createdAt: row.created_at,
    nextAttemptAt: row.due_at,
    trigger: row.trigger,
  };
}
