import { passesChannels } from "../../domain/channels.ts";
import type { DeliveryState } from "../../domain/delivery.ts";
import { matchesPattern } from "../../domain/event-pattern.ts";
import { passesFilters } from "../../domain/filters.ts";
import { firstIdAt, type MessageId, type RecoveryId, type SubscriptionId } from "../../domain/id.ts";
import { payloadValue } from "../../domain/message.ts";
import { needsRecovery, type Recovery } from "../../domain/recovery.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { RunningRecovery } from "../recovery-store.ts";
import { lastId, type Reading, type Writing } from "../sql.ts";
import type { PageOf } from "../store.ts";
import type { SubscriptionKey } from "../subscription-store.ts";
import { readSubscription } from "./subscriptions.ts";

export async function countRecoverable(
  reading: Reading,
  params: SubscriptionKey & { since: number; until: number },
): Promise<number> {
  const subscription = await readSubscription(reading, params);
  if (subscription === null) return 0;
  let cursor = firstIdAt<"message">(params.since);
  let total = 0;
  for (;;) {
    const candidates = await findCandidates(reading, subscription, cursor, params.until, 1_000);
    total += candidates.filter((candidate) => isRecoverable(subscription, candidate)).length;
    const last = candidates.at(-1);
    if (last === undefined) return total;
    cursor = last.message_id;
  }
}

export async function createRecovery({ sql }: Writing, { recovery }: { recovery: Recovery }): Promise<null> {
  await sql.run(
    `insert into recovery (id, organization_id, subscription_id, status, since, until, total, recovered, cursor, created_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    recovery.id,
    recovery.organizationId,
    recovery.subscriptionId,
    recovery.status,
    recovery.since,
    recovery.until,
    recovery.total,
    recovery.recovered,
    recovery.cursor,
    recovery.createdAt,
  );
  return null;
}

const selectRecovery = `select id, organization_id as "organizationId", subscription_id as "subscriptionId", status, since, until,
  total, recovered, cursor, created_at as "createdAt" from recovery`;

export async function readRecovery(
  { sql }: Reading,
  params: SubscriptionKey & { recoveryId: RecoveryId },
): Promise<Recovery | null> {
  return await sql.get<Recovery>(
    `${selectRecovery} where id = ? and organization_id = ? and subscription_id = ?`,
    params.recoveryId,
    params.organizationId,
    params.subscriptionId,
  );
}

export async function listRecoveries(
  { sql }: Reading,
  params: SubscriptionKey & PageOf<RecoveryId>,
): Promise<Recovery[]> {
  return await sql.all<Recovery>(
    `${selectRecovery} where organization_id = ? and subscription_id = ? and id < ? order by id desc limit ?`,
    params.organizationId,
    params.subscriptionId,
    params.cursor ?? lastId,
    params.limit,
  );
}

export async function findRunningRecoveries(
  { sql }: Reading,
  { limit }: { limit: number },
): Promise<RunningRecovery[]> {
  return await sql.all<RunningRecovery>(
    `select id as "recoveryId", organization_id as "organizationId", subscription_id as "subscriptionId"
     from recovery where status = 'running' order by id limit ?`,
    limit,
  );
}

export async function advanceRecovery(
  writing: Writing,
  params: { recoveryId: RecoveryId; now: number; dueMax: number; messagesMax: number },
): Promise<Recovery | null> {
  const { sql } = writing;
  const recovery = await sql.get<Recovery>(
    `${selectRecovery} where id = ? and status = 'running' ${sql.dialect.forUpdateSkipLocked}`,
    params.recoveryId,
  );
  if (recovery === null) return null;
  const subscription = await readSubscription(writing, recovery);
  if (subscription === null) return null;
  const room = params.dueMax - (await countWaiting(writing, recovery.subscriptionId, params.now, params.dueMax));
  if (room <= 0) return recovery;
  return await takeStep(writing, { recovery, subscription, room, now: params.now, messagesMax: params.messagesMax });
}

interface Step {
  readonly recovery: Recovery;
  readonly subscription: Subscription;
  readonly room: number;
  readonly now: number;
  readonly messagesMax: number;
}

async function takeStep(writing: Writing, { recovery, subscription, room, now, messagesMax }: Step): Promise<Recovery> {
  const candidates = await findCandidates(writing, subscription, recovery.cursor, recovery.until, messagesMax);
  let { cursor } = recovery;
  const found: MessageId[] = [];
  for (const candidate of candidates) {
    if (found.length === room) break;
    if (isRecoverable(subscription, candidate)) found.push(candidate.message_id);
    cursor = candidate.message_id;
  }
  const recovered = recovery.recovered + (await recoverDeliveries(writing, subscription, found, now));
  const status = candidates.length < messagesMax && found.length < room ? "completed" : "running";
  await writing.sql.run(
    "update recovery set cursor = ?, recovered = ?, status = ? where id = ?",
    cursor,
    recovered,
    status,
    recovery.id,
  );
  if (found.length > 0) writing.deliveriesDue(subscription.id);
  return { ...recovery, cursor, recovered, status };
}

interface Candidate {
  readonly message_id: MessageId;
  readonly event_type: string;
  /** Null unless a filter has to see it. */
  readonly payload: string | null;
  readonly content_type: string | null;
  readonly channels: string | null;
  readonly state: DeliveryState | null;
}

async function findCandidates(
  { sql }: Reading,
  subscription: Subscription,
  after: MessageId,
  until: number,
  limit: number,
): Promise<Candidate[]> {
  return await sql.all<Candidate>(
    `select message.id as message_id, event_type, ${subscription.filters === null ? "cast(null as text)" : "payload"} as payload,
       content_type, channels, state
     from message left join delivery on message_id = message.id and subscription_id = ?
     where message.organization_id = ? and message.id > ? and message.id < ? and test_of is null
       and payload_deleted_at is null
     order by message.id limit ?`,
    subscription.id,
    subscription.organizationId,
    after,
    firstIdAt(until),
    limit,
  );
}

function isRecoverable(subscription: Subscription, candidate: Candidate): boolean {
  if (!needsRecovery(candidate.state)) return false;
  if (candidate.state !== null) return true;
  const { payload, content_type, channels } = candidate;
  return (
    subscription.eventTypes.some((pattern) => matchesPattern(pattern, candidate.event_type)) &&
    passesChannels(subscription.channels, channels === null ? null : (JSON.parse(channels) as string[])) &&
    passesFilters(subscription.filters, payload === null ? null : payloadValue({ payload, contentType: content_type }))
  );
}

async function recoverDeliveries(
  { sql }: Writing,
  subscription: Subscription,
  messageIds: readonly MessageId[],
  now: number,
): Promise<number> {
  return await sql.runEach(
    `insert into delivery (message_id, subscription_id, organization_id, state, trigger, attempts, schedule_step, due_at)
     values (?, ?, ?, 'due', 'recovery', 0, 0, ?)
     on conflict (message_id, subscription_id) do update set state = 'due', trigger = 'recovery', schedule_step = 0,
       due_at = excluded.due_at where delivery.state in ('failed', 'skipped')`,
    messageIds.map((id) => [id, subscription.id, subscription.organizationId, now]),
  );
}

async function countWaiting(
  { sql }: Reading,
  subscriptionId: SubscriptionId,
  now: number,
  atMost: number,
): Promise<number> {
  const row = await sql.get<{ waiting: number }>(
    `select count(*) as waiting from
       (select 1 from delivery where state = 'due' and subscription_id = ? and due_at <= ? limit ?) as due`,
    subscriptionId,
    now,
    atMost,
  );
  return row?.waiting ?? 0;
}
