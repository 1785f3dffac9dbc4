import type { DeliveryState } from "../../domain/delivery.ts";
import { firstIdAt, type MessageId, type RecoveryId, type SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { isAhead, type Recovery, selectedStates } from "../../domain/recovery.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import { readSubscription } from "../subscriptions/read-subscriptions.ts";
import { findCandidates, isSelected } from "./candidates.ts";
import type { CountedStep, RecoverableOf } from "./interface.ts";
import { type RecoveryRow, recoveryOf } from "./stored-recoveries.ts";

const countedAtOnce = 1_000;

export async function previewRecovery(
  context: ReadContext,
  params: RecoverableOf & { now: number; messagesMax: number },
): Promise<{ deliveries: number; isExact: boolean }> {
  const subscription = await readSubscription(context, params);
  if (subscription === null) return { deliveries: 0, isExact: true };
  const running = await readRunning(context, subscription.id);
  const { messagesMax, now: createdAt } = params;
  let cursor = firstIdAt<"message">(params.since);
  let deliveries = 0;
  let bytes = 0;
  for (let examined = 0; ; ) {
    const limit = Math.min(countedAtOnce, messagesMax - examined);
    const isSpent = limit === 0 || bytes >= limits.previewedPayloadBytesMax;
    // When no more messages may be examined, the query only finds out whether any are left.
    const part = await findCandidates(context, subscription, { ...params, cursor }, isSpent ? 1 : limit);
    if (isSpent) return { deliveries, isExact: part.isEnd && part.found.length === 0 };
    bytes += part.bytes;
    const selected = part.found.filter((candidate) => isSelected({ ...params, createdAt }, subscription, candidate));
    deliveries += selected.filter((candidate) => !running.some((recovery) => isAhead(recovery, candidate))).length;
    if (part.isEnd) return { deliveries, isExact: true };
    examined += limit;
    cursor = part.to;
  }
}

export async function countRecoveryStep(
  context: ReadContext,
  { recoveryId, messagesMax }: { recoveryId: RecoveryId; messagesMax: number },
): Promise<CountedStep | null> {
  const row = await context.sql.get<RecoveryRow>("select * from recovery where id = ?", recoveryId);
  if (row === null || row.status !== "running" || row.total !== null) return null;
  const recovery = recoveryOf(row);
  const subscription = await readSubscription(context, recovery);
  if (subscription === null || !(await isItsTurn(context, recovery))) return null;
  let { cursor } = recovery;
  let counted = 0;
  let bytes = 0;
  for (let examined = 0; examined < messagesMax; ) {
    const part = await findCandidates(context, subscription, { ...recovery, cursor }, countedAtOnce);
    counted += part.found.filter((candidate) => isSelected(recovery, subscription, candidate)).length;
    examined += countedAtOnce;
    cursor = part.to;
    if (part.isEnd) return { from: recovery.cursor, to: cursor, counted, isLast: true };
    bytes += part.bytes;
    if (bytes >= limits.recoveryStepPayloadBytesMax) break;
  }
  return { from: recovery.cursor, to: cursor, counted, isLast: false };
}

export async function noteCounted(
  { sql }: WriteContext,
  { recoveryId, step, now }: { recoveryId: RecoveryId; step: CountedStep; now: number },
): Promise<null> {
  const row = await sql.get<RecoveryRow>(
    `select * from recovery where id = ? and status = 'running' and total is null ${sql.dialect.forUpdate}`,
    recoveryId,
  );
  if (row === null || row.cursor !== step.from) return null;
  const counted = row.counted + step.counted;
  await sql.run(
    "update recovery set counted = ?, total = ?, cursor = ?, status = ?, updated_at = ? where id = ?",
    counted,
    step.isLast ? counted : null,
    step.isLast ? firstIdAt(row.since) : step.to,
    step.isLast && counted === 0 ? "completed" : "running",
    now,
    recoveryId,
  );
  return null;
}

export async function advanceRecovery(
  context: WriteContext,
  params: { recoveryId: RecoveryId; now: number; dueMax: number; messagesMax: number },
): Promise<Recovery | null> {
  const { sql } = context;
  const row = await sql.get<RecoveryRow>(
    `select * from recovery where id = ? and status = 'running' ${sql.dialect.forUpdateSkipLocked}`,
    params.recoveryId,
  );
  if (row === null) return null;
  const recovery = recoveryOf(row);
  const subscription = await readSubscription(context, recovery);
  if (subscription === null) return null;
  // Deliveries that became due now would be skipped immediately.
  if (subscription.disabledReason !== null) return recovery;
  if (recovery.total === null || !(await isItsTurn(context, recovery))) return recovery;
  const room = params.dueMax - (await countWaiting(context, recovery.subscriptionId, params.now, params.dueMax));
  if (room <= 0) return recovery;
  return await takeStep(context, { recovery, subscription, room, now: params.now, messagesMax: params.messagesMax });
}

/** A recovery waits for older ones of its subscription, so that it finds the deliveries that they made due. */
async function isItsTurn({ sql }: ReadContext, { id, subscriptionId }: Recovery): Promise<boolean> {
  const older = await sql.get(
    "select 1 as older from recovery where subscription_id = ? and id < ? and status = 'running' limit 1",
    subscriptionId,
    id,
  );
  return older === null;
}

async function readRunning({ sql }: ReadContext, subscriptionId: SubscriptionId): Promise<Recovery[]> {
  const rows = await sql.all<RecoveryRow>(
    "select * from recovery where subscription_id = ? and status = 'running' order by id limit ?",
    subscriptionId,
    limits.recoveriesRunningMax,
  );
  return rows.map(recoveryOf);
}

interface RecoveryStep {
  readonly recovery: Recovery;
  readonly subscription: Subscription;
  readonly room: number;
  readonly now: number;
  readonly messagesMax: number;
}

async function takeStep(
  context: WriteContext,
  { recovery, subscription, room, now, messagesMax }: RecoveryStep,
): Promise<Recovery> {
  const { found, to, isEnd } = await findCandidates(context, subscription, recovery, messagesMax);
  const all = found.filter((candidate) => isSelected(recovery, subscription, candidate));
  const selected = all.slice(0, room).map(({ messageId }) => messageId);
  const cursor = all.length > room ? (selected.at(-1) ?? recovery.cursor) : to;
  const recovered = recovery.recovered + (await recoverDeliveries(context, recovery, selected, now));
  const status = isEnd && all.length <= room ? "completed" : "running";
  await context.sql.run(
    "update recovery set cursor = ?, recovered = ?, status = ?, updated_at = ? where id = ?",
    cursor,
    recovered,
    status,
    now,
    recovery.id,
  );
  if (selected.length > 0) context.deliveriesDue(subscription.id);
  return { ...recovery, cursor, recovered, status, updatedAt: now };
}

async function recoverDeliveries(
  context: WriteContext,
  { id, scope, subscriptionId, organizationId }: Recovery,
  messageIds: readonly MessageId[],
  now: number,
): Promise<number> {
  if (messageIds.length === 0) return 0;
  const { sql } = context;
  await keepOutcomes(context, subscriptionId, messageIds);
  const states = sql.dialect.textsValue(selectedStates(scope));
  return await sql.runEach(
    `insert into delivery (message_id, subscription_id, organization_id, state, trigger, attempts, schedule_step, due_at,
       recovery_id, recovered_at)
     values (?, ?, ?, 'due', 'recovery', 0, 0, ?, ?, ?)
     on conflict (message_id, subscription_id) do update set state = 'due', trigger = 'recovery', schedule_step = 0,
       due_at = excluded.due_at, recovery_id = excluded.recovery_id, recovered_at = excluded.recovered_at
       where delivery.state in (${sql.dialect.eachText})`,
    messageIds.map((messageId) => [messageId, subscriptionId, organizationId, now, id, now, states]),
  );
}

/** Adds to earlier recoveries the outcomes of deliveries that now belong to another one. */
async function keepOutcomes(
  { sql }: WriteContext,
  subscriptionId: SubscriptionId,
  messageIds: readonly MessageId[],
): Promise<void> {
  const rows = await sql.all<{ recovery_id: RecoveryId; state: DeliveryState }>(
    `select recovery_id, state from delivery where ${sql.dialect.isOneOf("message_id")} and subscription_id = ?
       and recovery_id is not null and state in ('delivered', 'failed') ${sql.dialect.forUpdate}`,
    JSON.stringify(messageIds),
    subscriptionId,
  );
  const earlier = Map.groupBy(rows, (row) => row.recovery_id);
  await sql.runEach(
    "update recovery set delivered = delivered + ?, failed = failed + ? where id = ?",
    [...earlier].map(([recoveryId, settled]) => {
      const delivered = settled.filter(({ state }) => state === "delivered").length;
      return [delivered, settled.length - delivered, recoveryId];
    }),
  );
}

async function countWaiting(
  { sql }: ReadContext,
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
