import type { AttemptId, MessageId, SubscriptionId, SyncJobId } from "../../domain/id.ts";
import { newMessage } from "../../domain/message.ts";
import { type AttemptRow, attemptOf } from "../attempts/attempt-row.ts";
import { type MessageRow, messageOf, sizedColumns } from "../messages/message-row.ts";
import { withPayloads as readPayloads } from "../messages/read-messages.ts";
import { PageBytes, type Sized } from "../page-bytes.ts";
import type { ReadContext } from "../sql.ts";
import { type SubscriptionRow, selectSubscription, subscriptionOf } from "../subscriptions/subscription-row.ts";
import { jobOf, type SyncJobRow } from "../sync-jobs/job-row.ts";
import { readThrottleStates } from "../throttle-states/sql.ts";
import type { LoggedChanges } from "./change-log.ts";
import type { ReadStream, StreamChange } from "./interface.ts";

type ChangeQuery = Pick<ReadStream, "organizationId" | "kinds" | "withPayloads" | "receivers">;

/** The present state of the logged changes of each entry, in order. Things that were deleted are left out. */
export async function readChanges(
  context: ReadContext,
  read: ChangeQuery,
  entries: readonly LoggedChanges[],
): Promise<StreamChange[][]> {
  const idsOf = (kind: keyof LoggedChanges) =>
    read.kinds.includes(kind) ? [...new Set(entries.flatMap((entry) => entry[kind] ?? []))] : [];
  const found = new Map<string, StreamChange>();
  await readMessageChanges(context, read, idsOf("message") as MessageId[], found);
  await readAttemptChanges(context, read, idsOf("attempt") as AttemptId[], found);
  await readSubscriptionChanges(context, read, idsOf("subscription") as SubscriptionId[], found);
  await readJobChanges(context, read, idsOf("sync_job") as SyncJobId[], found);
  return entries.map((entry) => Object.values(entry).flatMap((ids) => ids.flatMap((id) => taken(found, id))));
}

function taken(found: ChangesById, id: string): StreamChange[] {
  const change = found.get(id);
  found.delete(id);
  return change === undefined ? [] : [change];
}

type ChangesById = Map<string, StreamChange>;

interface LoggedMessageRow extends MessageRow, Sized {
  readonly test_subscription_id: SubscriptionId | null;
}

async function readMessageChanges(
  context: ReadContext,
  { organizationId, withPayloads, receivers }: ChangeQuery,
  ids: readonly MessageId[],
  found: ChangesById,
): Promise<void> {
  const range = rangeOf(ids);
  if (range === null) return;
  const { sql } = context;
  const rows = await sql.all<LoggedMessageRow>(
    `select ${sizedColumns}, test_subscription_id from message where id >= ? and id <= ? and ${sql.dialect.isOneOf("id")} and organization_id = ?`,
    ...range,
    JSON.stringify(ids),
    organizationId,
  );
  const sent = receivers.length === 0 ? [] : await readReceivers(context, ids, receivers);
  const sentTo = Map.groupBy(sent, (row) => row.message_id);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const inOrder = ids.flatMap((id) => byId.get(id) ?? []);
  const complete = withPayloads ? await readPayloads(context, new PageBytes().take(inOrder)) : [];
  for (const row of complete) byId.set(row.id, row);
  const isComplete = new Set(complete.map(({ id }) => id));
  for (const row of byId.values()) {
    const receivedBy = (sentTo.get(row.id) ?? []).map((delivery) => delivery.subscription_id);
    const isPayloadLeftOut = withPayloads && !isComplete.has(row.id);
    found.set(row.id, {
      kind: "message",
      message: newMessage(messageOf(row)),
      isTest: row.test_subscription_id !== null,
      sentTo: receivedBy,
      isPayloadLeftOut,
    });
  }
}

async function readReceivers(
  { sql }: ReadContext,
  messageIds: readonly MessageId[],
  receivers: readonly SubscriptionId[],
): Promise<{ message_id: MessageId; subscription_id: SubscriptionId }[]> {
  return await sql.all(
    `select message_id, subscription_id from delivery where ${sql.dialect.isOneOf("message_id")}
       and ${sql.dialect.isOneOf("subscription_id")}`,
    JSON.stringify(messageIds),
    JSON.stringify(receivers),
  );
}

async function readAttemptChanges(
  { sql }: ReadContext,
  { organizationId }: ChangeQuery,
  ids: readonly AttemptId[],
  found: ChangesById,
): Promise<void> {
  const range = rangeOf(ids);
  if (range === null) return;
  const rows = await sql.all<AttemptRow & { event_type: string }>(
    `select attempt.id, attempt.organization_id, message_id, subscription_id, url, succeeded, response_status,
       null as response_body, null as response_headers, error, started_at, duration_ms, attempt_number, trigger, next_attempt_at, event_type
     from attempt join message on message.id = message_id
     where attempt.id >= ? and attempt.id <= ? and ${sql.dialect.isOneOf("attempt.id")} and attempt.organization_id = ?`,
    ...range,
    JSON.stringify(ids),
    organizationId,
  );
  for (const row of rows) found.set(row.id, { kind: "attempt", attempt: attemptOf(row), eventType: row.event_type });
}

async function readSubscriptionChanges(
  context: ReadContext,
  { organizationId }: ChangeQuery,
  ids: readonly SubscriptionId[],
  found: ChangesById,
): Promise<void> {
  if (ids.length === 0) return;
  const { sql } = context;
  const rows = await sql.all<SubscriptionRow & { deleted_at: number | null }>(
    `${selectSubscription} where ${sql.dialect.isOneOf("subscription.id")} and organization_id = ?`,
    JSON.stringify(ids),
    organizationId,
  );
  const throttleStateOf = await readThrottleStates(context, ids);
  for (const row of rows) {
    const subscription = subscriptionOf(context, row, throttleStateOf(row.id));
    found.set(row.id, { kind: "subscription", subscription, isDeleted: row.deleted_at !== null });
  }
}

async function readJobChanges(
  { sql }: ReadContext,
  { organizationId }: ChangeQuery,
  ids: readonly SyncJobId[],
  found: ChangesById,
): Promise<void> {
  if (ids.length === 0) return;
  const rows = await sql.all<SyncJobRow>(
    `select * from sync_job where ${sql.dialect.isOneOf("id")} and organization_id = ?`,
    JSON.stringify(ids),
    organizationId,
  );
  for (const row of rows) found.set(row.id, { kind: "sync_job", job: jobOf(row) });
}

/** The bounds say which partitions to look into. */
function rangeOf<Id extends string>(ids: readonly Id[]): [Id, Id] | null {
  const sorted = [...ids].sort();
  const [oldest, newest] = [sorted[0], sorted.at(-1)];
  return oldest === undefined || newest === undefined ? null : [oldest, newest];
}
