import { failedForTooLong, type Health, newHealth, observe } from "../../domain/health.ts";
import type { MessageId, NodeId, SubscriptionId } from "../../domain/id.ts";
import type { AttemptRecord } from "../delivery-store.ts";
import { disableSubscription } from "../operations/subscriptions.ts";
import type { Writing } from "../sql.ts";
import type { PostgresSql } from "./postgres-sql.ts";

type PostgresWriting = Writing & { readonly sql: PostgresSql };

/** Records what came of attempts, in one statement, and then what it means for the health of their subscriptions. */
export async function recordAttempts(
  writing: PostgresWriting,
  nodeId: NodeId,
  records: readonly AttemptRecord[],
  now: number,
): Promise<boolean[]> {
  if (records.length === 0) return [];
  const first = new Map(
    records.map((record) => [keyOf(record.attempt), record]).reverse() as [string, AttemptRecord][],
  );
  const moved = await store(writing.sql, nodeId, [...first.values()]);
  const held = records.map((record) => first.get(keyOf(record.attempt)) === record && moved.has(keyOf(record.attempt)));
  const stored = records.filter((_, index) => held[index]);
  await keepHealth(writing, stored, now);
  for (const { attempt, settled } of stored) {
    if (settled.state !== "failed" || !settled.gone) continue;
    await disableSubscription(writing, { subscriptionId: attempt.subscriptionId, reason: "gone", now });
  }
  return held;
}

function keyOf(delivery: { readonly messageId: MessageId; readonly subscriptionId: SubscriptionId }): string {
  return `${delivery.messageId} ${delivery.subscriptionId}`;
}

// Fenced: it moves only what this node still holds, as it was when it was claimed, and stores attempts only of what it moved.
async function store(sql: PostgresSql, nodeId: NodeId, records: readonly AttemptRecord[]): Promise<Set<string>> {
  const rows = await sql.over<{ messageId: MessageId; subscriptionId: SubscriptionId }>(
    `with record as materialized (
       select * from unnest(cast(? as uuid[]), cast(? as uuid[]), cast(? as uuid[]), cast(? as uuid[]), cast(? as text[]),
         cast(? as integer[]), cast(? as integer[]), cast(? as text[]), cast(? as text[]), cast(? as bigint[]),
         cast(? as bigint[]), cast(? as integer[]), cast(? as text[]), cast(? as bigint[]), cast(? as text[]),
         cast(? as integer[]))
       as record (id, organization_id, message_id, subscription_id, url, succeeded, response_status, response_body, error,
         started_at, duration_ms, attempt_number, trigger, next_attempt_at, state, schedule_step)),
     moved as (
       update delivery set state = record.state, attempts = attempt_number, node_id = null,
         schedule_step = coalesce(record.schedule_step, delivery.schedule_step),
         due_at = coalesce(next_attempt_at, due_at)
       from record where delivery.message_id = record.message_id and delivery.subscription_id = record.subscription_id
         and delivery.state = 'claimed' and delivery.node_id = ? and delivery.attempts = attempt_number - 1
       returning delivery.message_id, delivery.subscription_id)
     insert into attempt (id, organization_id, message_id, subscription_id, url, succeeded, response_status, response_body,
       error, started_at, duration_ms, attempt_number, trigger, next_attempt_at)
     select id, organization_id, message_id, subscription_id, url, succeeded, response_status, response_body, error,
       started_at, duration_ms, attempt_number, trigger, next_attempt_at
     from record join moved using (message_id, subscription_id)
     returning message_id as "messageId", subscription_id as "subscriptionId"`,
    records.map(({ attempt }) => attempt.id),
    records.map(({ attempt }) => attempt.organizationId),
    records.map(({ attempt }) => attempt.messageId),
    records.map(({ attempt }) => attempt.subscriptionId),
    records.map(({ attempt }) => attempt.url),
    records.map(({ attempt }) => (attempt.succeeded ? 1 : 0)),
    records.map(({ attempt }) => attempt.responseStatus),
    records.map(({ attempt }) => attempt.responseBody),
    records.map(({ attempt }) => attempt.error),
    records.map(({ attempt }) => attempt.startedAt),
    records.map(({ attempt }) => Math.round(attempt.durationMs)),
    records.map(({ attempt }) => attempt.attemptNumber),
    records.map(({ attempt }) => attempt.trigger),
    records.map(({ attempt }) => attempt.nextAttemptAt),
    records.map(({ settled }) => settled.state),
    records.map(({ settled }) => (settled.state === "due" ? settled.scheduleStep : null)),
    nodeId,
  );
  return new Set(rows.map(keyOf));
}

interface HealthRow {
  readonly subscription_id: SubscriptionId;
  readonly recent: string;
  readonly failing_since: number | null;
}

/** Other nodes see outcomes of the same subscriptions, so a change is added to what is stored. No change costs no write. */
async function keepHealth(writing: PostgresWriting, records: readonly AttemptRecord[], now: number): Promise<void> {
  const bySubscription = Map.groupBy(records, ({ attempt }) => attempt.subscriptionId);
  if (bySubscription.size === 0) return;
  const { sql } = writing;
  const rows = await sql.over<HealthRow>(
    "select subscription_id, recent, failing_since from subscription_health where subscription_id = any (cast(? as uuid[]))",
    [...bySubscription.keys()],
  );
  const known = new Map(
    rows.map((row): [SubscriptionId, Health] => [
      row.subscription_id,
      { recent: row.recent, failingSince: row.failing_since },
    ]),
  );
  const changes: { subscriptionId: SubscriptionId; seen: Health }[] = [];
  for (const [subscriptionId, attempts] of bySubscription) {
    const outcomes = attempts.map(({ attempt }) => attempt.succeeded);
    const before = known.get(subscriptionId) ?? newHealth;
    const after = outcomes.reduce((health, succeeded) => observe(health, succeeded, now), before);
    if (after.recent === before.recent && after.failingSince === before.failingSince) continue;
    const seen = outcomes.reduce((health, succeeded) => observe(health, succeeded, now), newHealth);
    changes.push({ subscriptionId, seen });
  }
  if (changes.length === 0) return;
  const stored = await sql.over<HealthRow>(
    `insert into subscription_health as known (subscription_id, recent, failing_since)
     select * from unnest(cast(? as uuid[]), cast(? as text[]), cast(? as bigint[])) order by 1
     on conflict (subscription_id) do update set recent = left(excluded.recent || known.recent, 10),
       failing_since = case when strpos(excluded.recent, '1') > 0 then excluded.failing_since
         else coalesce(known.failing_since, excluded.failing_since) end
     returning subscription_id, recent, failing_since`,
    changes.map(({ subscriptionId }) => subscriptionId),
    changes.map(({ seen }) => seen.recent),
    changes.map(({ seen }) => seen.failingSince),
  );
  for (const { subscription_id: subscriptionId, recent, failing_since: failingSince } of stored) {
    if (!failedForTooLong({ recent, failingSince }, now)) continue;
    await disableSubscription(writing, { subscriptionId, reason: "failing", now });
  }
}
