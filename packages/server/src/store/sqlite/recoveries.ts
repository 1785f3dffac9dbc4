import type { DeliveryState } from "../../domain/delivery.ts";
import { matchesPattern } from "../../domain/event-pattern.ts";
import { passesFilters } from "../../domain/filters.ts";
import { firstIdAt, type MessageId, type RecoveryId, type SubscriptionId } from "../../domain/id.ts";
import { needsRecovery, type Recovery } from "../../domain/recovery.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { RunningRecovery } from "../recovery-store.ts";
import type { PageOf } from "../store.ts";
import type { SubscriptionKey } from "../subscription-store.ts";
import { readSubscription } from "./subscriptions.ts";
import type { Reading, Writing } from "./transaction.ts";

export function countRecoverable(reading: Reading, params: SubscriptionKey & { since: number; until: number }): number {
  const subscription = readSubscription(reading, params);
  if (subscription === null) return 0;
  let cursor = firstIdAt<"message">(params.since);
  let total = 0;
  for (;;) {
    const candidates = findCandidates(reading, subscription, cursor, params.until, 1_000);
    total += candidates.filter((candidate) => isRecoverable(subscription, candidate)).length;
    const last = candidates.at(-1);
    if (last === undefined) return total;
    cursor = last.message_id;
  }
}

export function createRecovery({ db }: Writing, { recovery }: { recovery: Recovery }): null {
  db.run(
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

const selectRecovery = `select id, organization_id as organizationId, subscription_id as subscriptionId, status, since, until,
  total, recovered, cursor, created_at as createdAt from recovery`;

export function readRecovery({ db }: Reading, params: SubscriptionKey & { recoveryId: RecoveryId }): Recovery | null {
  return db.get<Recovery>(
    `${selectRecovery} where id = ? and organization_id = ? and subscription_id = ?`,
    params.recoveryId,
    params.organizationId,
    params.subscriptionId,
  );
}

export function listRecoveries({ db }: Reading, params: SubscriptionKey & PageOf<RecoveryId>): Recovery[] {
  return db.all<Recovery>(
    `${selectRecovery} where organization_id = ? and subscription_id = ? and id < ? order by id desc limit ?`,
    params.organizationId,
    params.subscriptionId,
    params.cursor ?? "~",
    params.limit,
  );
}

export function findRunningRecoveries({ db }: Reading, { limit }: { limit: number }): RunningRecovery[] {
  return db.all<RunningRecovery>(
    `select id as recoveryId, organization_id as organizationId, subscription_id as subscriptionId
     from recovery where status = 'running' order by id limit ?`,
    limit,
  );
}

export function advanceRecovery(
  writing: Writing,
  params: { recoveryId: RecoveryId; now: number; dueMax: number; messagesMax: number },
): Recovery | null {
  const { db } = writing;
  const recovery = db.get<Recovery>(`${selectRecovery} where id = ? and status = 'running'`, params.recoveryId);
  if (recovery === null) return null;
  const subscription = readSubscription(writing, recovery);
  if (subscription === null) return null;
  const room = params.dueMax - countWaiting(writing, recovery.subscriptionId, params.now, params.dueMax);
  if (room <= 0) return recovery;
  return takeStep(writing, { recovery, subscription, room, now: params.now, messagesMax: params.messagesMax });
}

interface Step {
  readonly recovery: Recovery;
  readonly subscription: Subscription;
  readonly room: number;
  readonly now: number;
  readonly messagesMax: number;
}

function takeStep(writing: Writing, { recovery, subscription, room, now, messagesMax }: Step): Recovery {
  const candidates = findCandidates(writing, subscription, recovery.cursor, recovery.until, messagesMax);
  let { cursor, recovered } = recovery;
  let made = 0;
  for (const candidate of candidates) {
    if (made === room) break;
    if (isRecoverable(subscription, candidate)) {
      recoverDelivery(writing, subscription, candidate.message_id, now);
      made += 1;
    }
    cursor = candidate.message_id;
  }
  recovered += made;
  const status = candidates.length < messagesMax && made < room ? "completed" : "running";
  writing.db.run(
    "update recovery set cursor = ?, recovered = ?, status = ? where id = ?",
    cursor,
    recovered,
    status,
    recovery.id,
  );
  if (made > 0) writing.spilled.add(subscription.id);
  return { ...recovery, cursor, recovered, status };
}

interface Candidate {
  readonly message_id: MessageId;
  readonly event_type: string;
  /** Null unless a filter has to see it. */
  readonly payload: string | null;
  readonly state: DeliveryState | null;
}

function findCandidates(
  { db }: Reading,
  subscription: Subscription,
  after: MessageId,
  until: number,
  limit: number,
): Candidate[] {
  return db.all<Candidate>(
    `select message.id as message_id, event_type, iif(?, payload, null) as payload, state
     from message left join delivery on message_id = message.id and subscription_id = ?
     where message.organization_id = ? and message.id > ? and message.id < ? and test_of is null
     order by message.id limit ?`,
    subscription.filters === null ? 0 : 1,
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
  return (
    subscription.eventTypes.some((pattern) => matchesPattern(pattern, candidate.event_type)) &&
    passesFilters(subscription.filters, candidate.payload === null ? null : JSON.parse(candidate.payload))
  );
}

function recoverDelivery({ db }: Writing, subscription: Subscription, messageId: MessageId, now: number): void {
  db.run(
    `insert into delivery (message_id, subscription_id, organization_id, state, trigger, attempts, schedule_step, due_at)
     values (?, ?, ?, 'due', 'recovery', 0, 0, ?)
     on conflict do update set state = 'due', trigger = 'recovery', schedule_step = 0, due_at = excluded.due_at`,
    messageId,
    subscription.id,
    subscription.organizationId,
    now,
  );
}

function countWaiting({ db }: Reading, subscriptionId: SubscriptionId, now: number, atMost: number): number {
  const row = db.get<{ waiting: number }>(
    `select count(*) as waiting from
       (select 1 from delivery where state = 'due' and subscription_id = ? and due_at <= ? limit ?)`,
    subscriptionId,
    now,
    atMost,
  );
  return row?.waiting ?? 0;
}
