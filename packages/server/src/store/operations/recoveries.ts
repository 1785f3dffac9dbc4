import type { DeliveryState } from "../../domain/delivery.ts";
import {
  firstIdAt,
  type MessageId,
  type OrganizationId,
  type RecoveryId,
  type SubscriptionId,
} from "../../domain/id.ts";
import { type Recovery, type RecoveryScope, type ReplayFilter, statesTaken, takes } from "../../domain/recovery.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { RecoverableOf, RunningRecovery } from "../recovery-store.ts";
import { mismatchOf, payloadReader } from "../route.ts";
import { lastId, type Reading, type Writing } from "../sql.ts";
import type { PageOf } from "../store.ts";
import type { SubscriptionKey } from "../subscription-store.ts";
import { readSubscription } from "./subscriptions.ts";

const countedAtOnce = 1_000;

export async function countRecoverable(reading: Reading, params: RecoverableOf): Promise<number> {
  return (await previewRecovery(reading, { ...params, messagesMax: Number.POSITIVE_INFINITY })).deliveries;
}

export async function previewRecovery(
  reading: Reading,
  params: RecoverableOf & { messagesMax: number },
): Promise<{ deliveries: number; isExact: boolean }> {
  const subscription = await readSubscription(reading, params);
  if (subscription === null) return { deliveries: 0, isExact: true };
  const { scope, messagesMax } = params;
  let cursor = firstIdAt<"message">(params.since);
  let deliveries = 0;
  for (let examined = 0; ; ) {
    const limit = Math.min(countedAtOnce, messagesMax - examined);
    // What is left when none may be looked at any more is only asked for whether there is any.
    const candidates = await findCandidates(reading, subscription, { ...params, cursor }, Math.max(1, limit));
    const last = candidates.at(-1);
    if (last === undefined || limit === 0) return { deliveries, isExact: last === undefined };
    deliveries += candidates.filter((candidate) => isRecoverable(scope, subscription, candidate)).length;
    examined += candidates.length;
    cursor = last.message_id;
  }
}

export async function createRecovery({ sql }: Writing, { recovery }: { recovery: Recovery }): Promise<null> {
  await sql.run(
    `insert into recovery (id, organization_id, subscription_id, status, scope, filter, since, until, total, recovered,
       cursor, created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    recovery.id,
    recovery.organizationId,
    recovery.subscriptionId,
    recovery.status,
    recovery.scope.kind,
    recovery.scope.kind === "replay" ? JSON.stringify(recovery.scope.filter) : null,
    recovery.since,
    recovery.until,
    recovery.total,
    recovery.recovered,
    recovery.cursor,
    recovery.createdAt,
    recovery.updatedAt,
  );
  return null;
}

export interface RecoveryRow {
  readonly id: RecoveryId;
  readonly organization_id: OrganizationId;
  readonly subscription_id: SubscriptionId;
  readonly status: Recovery["status"];
  readonly scope: RecoveryScope["kind"];
  readonly filter: string | null;
  readonly since: number;
  readonly until: number;
  readonly total: number;
  readonly recovered: number;
  readonly cursor: MessageId;
  readonly created_at: number;
  readonly updated_at: number;
}

export function recoveryOf(row: RecoveryRow): Recovery {
  return {
    id: row.id,
    organizationId: row.organization_id,
    subscriptionId: row.subscription_id,
    status: row.status,
    scope: row.scope === "replay" ? { kind: row.scope, filter: filterIn(row) } : { kind: row.scope },
    since: row.since,
    until: row.until,
    total: row.total,
    recovered: row.recovered,
    cursor: row.cursor,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function filterIn({ filter }: RecoveryRow): ReplayFilter {
  return JSON.parse(filter ?? "null") as ReplayFilter;
}

export async function readRecovery(
  { sql }: Reading,
  params: SubscriptionKey & { recoveryId: RecoveryId },
): Promise<Recovery | null> {
  const row = await sql.get<RecoveryRow>(
    "select * from recovery where id = ? and organization_id = ? and subscription_id = ?",
    params.recoveryId,
    params.organizationId,
    params.subscriptionId,
  );
  return row === null ? null : recoveryOf(row);
}

export async function listRecoveries(
  { sql }: Reading,
  params: SubscriptionKey & PageOf<RecoveryId>,
): Promise<Recovery[]> {
  const rows = await sql.all<RecoveryRow>(
    "select * from recovery where organization_id = ? and subscription_id = ? and id < ? order by id desc limit ?",
    params.organizationId,
    params.subscriptionId,
    params.cursor ?? lastId,
    params.limit,
  );
  return rows.map(recoveryOf);
}

export async function findRunningRecoveries(
  { sql }: Reading,
  { after, limit }: { after: RecoveryId | null; limit: number },
): Promise<RunningRecovery[]> {
  return await sql.all<RunningRecovery>(
    `select id as "recoveryId", organization_id as "organizationId", subscription_id as "subscriptionId"
     from recovery where status = 'running' and id > ? order by id limit ?`,
    after ?? firstIdAt<"recovery">(0),
    limit,
  );
}

export async function advanceRecovery(
  writing: Writing,
  params: { recoveryId: RecoveryId; now: number; dueMax: number; messagesMax: number },
): Promise<Recovery | null> {
  const { sql } = writing;
  const row = await sql.get<RecoveryRow>(
    `select * from recovery where id = ? and status = 'running' ${sql.dialect.forUpdateSkipLocked}`,
    params.recoveryId,
  );
  if (row === null) return null;
  const recovery = recoveryOf(row);
  const subscription = await readSubscription(writing, recovery);
  if (subscription === null) return null;
  // What became due would be skipped at once.
  if (subscription.disabledReason !== null) return recovery;
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
  const candidates = await findCandidates(writing, subscription, recovery, messagesMax);
  let { cursor } = recovery;
  const found: MessageId[] = [];
  for (const candidate of candidates) {
    if (found.length === room) break;
    if (isRecoverable(recovery.scope, subscription, candidate)) found.push(candidate.message_id);
    cursor = candidate.message_id;
  }
  const recovered = recovery.recovered + (await recoverDeliveries(writing, recovery, found, now));
  const status = candidates.length < messagesMax && found.length < room ? "completed" : "running";
  await writing.sql.run(
    "update recovery set cursor = ?, recovered = ?, status = ?, updated_at = ? where id = ?",
    cursor,
    recovered,
    status,
    now,
    recovery.id,
  );
  if (found.length > 0) writing.deliveriesDue(subscription.id);
  return { ...recovery, cursor, recovered, status, updatedAt: now };
}

interface CandidateRow {
  readonly message_id: MessageId;
  readonly event_type: string;
  /** Null unless a filter has to see it. */
  readonly payload: string | null;
  readonly content_type: string | null;
  readonly channels: string | null;
  readonly tags: string | null;
  readonly state: DeliveryState | null;
  readonly attempts: number | null;
  /** Null unless a filter has to see it. */
  readonly last_status: number | null;
}

async function findCandidates(
  { sql }: Reading,
  subscription: Subscription,
  { scope, cursor, until }: Pick<Recovery, "scope" | "cursor" | "until">,
  limit: number,
): Promise<CandidateRow[]> {
  const payload = subscription.filters === null ? "cast(null as text)" : "payload";
  const looksAtAnswers = scope.kind === "replay" && scope.filter.statusClass !== null;
  const lastStatus = `(select response_status from attempt where attempt.message_id = message.id
    and attempt.subscription_id = delivery.subscription_id order by attempt.id desc limit 1)`;
  return await sql.all<CandidateRow>(
    `select message.id as message_id, event_type, ${payload} as payload, content_type, channels, tags, state, attempts,
       ${looksAtAnswers ? lastStatus : "cast(null as integer)"} as last_status
     from message left join delivery on delivery.message_id = message.id and delivery.subscription_id = ?
     where message.organization_id = ? and message.id > ? and message.id < ? and test_of is null
       and payload_deleted_at is null
     order by message.id limit ?`,
    subscription.id,
    subscription.organizationId,
    cursor,
    firstIdAt(until),
    limit,
  );
}

function isRecoverable(scope: RecoveryScope, subscription: Subscription, row: CandidateRow): boolean {
  const { state, attempts, event_type: eventType, payload, content_type: contentType, last_status: lastStatus } = row;
  const channels = textsIn(row.channels);
  const delivery = state === null ? null : { state, attempts: attempts ?? 0 };
  const key = { messageId: row.message_id, subscriptionId: subscription.id };
  if (!takes(scope, { ...key, delivery, eventType, channels, tags: textsIn(row.tags), lastStatus })) return false;
  if (delivery !== null) return true;
  const payloadValue = payloadReader({ payload: payload ?? "null", contentType });
  return mismatchOf(subscription, { eventType, channels, payloadValue }) === null;
}

function textsIn(json: string | null): string[] | null {
  return json === null ? null : (JSON.parse(json) as string[]);
}

async function recoverDeliveries(
  { sql }: Writing,
  { scope, subscriptionId, organizationId }: Recovery,
  messageIds: readonly MessageId[],
  now: number,
): Promise<number> {
  const states = sql.dialect.textsValue(statesTaken(scope));
  return await sql.runEach(
    `insert into delivery (message_id, subscription_id, organization_id, state, trigger, attempts, schedule_step, due_at)
     values (?, ?, ?, 'due', 'recovery', 0, 0, ?)
     on conflict (message_id, subscription_id) do update set state = 'due', trigger = 'recovery', schedule_step = 0,
       due_at = excluded.due_at where delivery.state in (${sql.dialect.eachText})`,
    messageIds.map((id) => [id, subscriptionId, organizationId, now, states]),
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
