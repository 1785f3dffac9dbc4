import { assertNever } from "../../domain/assert-never.ts";
import { type Attempt, concernsReceiver } from "../../domain/attempt.ts";
import type { SettledDelivery } from "../../domain/delivery.ts";
import { failedForTooLong, type Health, healthStatus, newHealth, observe } from "../../domain/health.ts";
import type { MessageId, NodeId, SubscriptionId } from "../../domain/id.ts";
import { factsOf, type OperationalFact } from "../../domain/operational-event.ts";
import type { AttemptRecord } from "../attempts/interface.ts";
import { storeOperationalEvents } from "../operational-events/store-operational-events.ts";
import { disableSubscription } from "../subscriptions/change-subscriptions.ts";
import { AttemptCounts } from "./attempt-counts.ts";
import type { SqliteWriteContext } from "./write-context.ts";

/** The effects of the attempts of one batch on a subscription. */
interface Observed {
  readonly before: Health;
  readonly after: Health;
  /** The id of the event that the subscription was disabled; null if nothing failed. */
  readonly disabledId: MessageId | null;
}

export async function recordAttempts(
  context: SqliteWriteContext,
  params: { nodeId: NodeId; records: readonly AttemptRecord[]; now: number },
): Promise<boolean[]> {
  const { nodeId, records, now } = params;
  const observed = new Map<SubscriptionId, Observed>();
  const facts: OperationalFact[] = [];
  const recorded: boolean[] = [];
  const counts = new AttemptCounts();
  for (const { attempt, settled, operationalEvents } of records) {
    const isRecorded = moveDelivery(context, nodeId, attempt, settled);
    recorded.push(isRecorded);
    if (!isRecorded) continue;
    insertAttempt(context, attempt);
    counts.add(attempt);
    context.changeLog.attempt(attempt.organizationId, attempt.id);
    const known = observed.get(attempt.subscriptionId);
    const before = known?.before ?? readHealth(context, attempt.subscriptionId);
    const latest = known?.after ?? before;
    const after = concernsReceiver(attempt) ? observe(latest, attempt.succeeded, now) : latest;
    observed.set(attempt.subscriptionId, {
      before,
      after,
      disabledId: (concernsReceiver(attempt) ? operationalEvents?.disabledId : null) ?? known?.disabledId ?? null,
    });
    facts.push(...factsOf(attempt, operationalEvents));
    if (settled.state === "failed" && settled.gone && operationalEvents !== null) {
      const { subscriptionId } = attempt;
      const { failingSince } = after;
      facts.push(
        ...(await disableSubscription(context, {
          subscriptionId,
          reason: "gone",
          failingSince,
          now,
          operationalEventId: operationalEvents.disabledId,
        })),
      );
    }
  }
  counts.write(context.db);
  for (const [subscriptionId, seen] of observed) facts.push(...(await keepHealth(context, subscriptionId, seen, now)));
  await storeOperationalEvents(context, facts, now);
  return recorded;
}

// Fenced: it moves only a delivery that this node still holds in the state in which it was claimed. The node may have
// lost it and claimed it again, at a later point of its schedule.
function moveDelivery({ db }: SqliteWriteContext, nodeId: NodeId, attempt: Attempt, settled: SettledDelivery): boolean {
  const { messageId, subscriptionId, attemptNumber } = attempt;
  switch (settled.state) {
    case "delivered":
    case "failed":
      return (
        db.run(
          `update delivery set state = ?, attempts = ?, node_id = null
           where message_id = ? and subscription_id = ? and state = 'claimed' and node_id = ? and attempts = ?`,
          settled.state,
          attemptNumber,
          messageId,
          subscriptionId,
          nodeId,
          attemptNumber - 1,
        ) > 0
      );
    case "due":
      return (
        db.run(
          `update delivery set state = 'due', attempts = ?, schedule_step = ?, due_at = ?, node_id = null
           where message_id = ? and subscription_id = ? and state = 'claimed' and node_id = ? and attempts = ?`,
          attemptNumber,
          settled.scheduleStep,
          settled.dueAt,
          messageId,
          subscriptionId,
          nodeId,
          attemptNumber - 1,
        ) > 0
      );
    default:
      return assertNever(settled);
  }
}

function insertAttempt({ db }: SqliteWriteContext, attempt: Attempt): void {
  db.run(
    `insert into attempt (id, organization_id, message_id, subscription_id, url, succeeded, response_status, response_body,
       response_headers, error, started_at, duration_ms, attempt_number, trigger, next_attempt_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    attempt.id,
    attempt.organizationId,
    attempt.messageId,
    attempt.subscriptionId,
    attempt.url,
    attempt.succeeded ? 1 : 0,
    attempt.responseStatus,
    attempt.responseBody,
    attempt.responseHeaders,
    attempt.error,
    attempt.startedAt,
    attempt.durationMs,
    attempt.attemptNumber,
    attempt.trigger,
    attempt.nextAttemptAt,
  );
}

function readHealth({ db, health }: SqliteWriteContext, subscriptionId: SubscriptionId): Health {
  const known = health.get(subscriptionId);
  if (known !== undefined) return known;
  const row = db.get<{ recent: string; failingSince: number | null }>(
    "select recent, failing_since as failingSince from subscription_health where subscription_id = ?",
    subscriptionId,
  );
  return row ?? newHealth;
}

async function keepHealth(
  context: SqliteWriteContext,
  subscriptionId: SubscriptionId,
  { before, after, disabledId }: Observed,
  now: number,
): Promise<OperationalFact[]> {
  context.health.set(subscriptionId, after);
  // A subscription that keeps succeeding costs no write.
  if (before.recent !== after.recent || before.failingSince !== after.failingSince) {
    context.db.run(
      `insert into subscription_health (subscription_id, recent, failing_since) values (?, ?, ?)
       on conflict do update set recent = excluded.recent, failing_since = excluded.failing_since`,
      subscriptionId,
      after.recent,
      after.failingSince,
    );
  }
  if (healthStatus(before) !== healthStatus(after)) context.changeLog.subscription(subscriptionId);
  if (disabledId === null || !failedForTooLong(after, now)) return [];
  const { failingSince } = after;
  return await disableSubscription(context, {
    subscriptionId,
    reason: "failing",
    failingSince,
    now,
    operationalEventId: disabledId,
  });
}
