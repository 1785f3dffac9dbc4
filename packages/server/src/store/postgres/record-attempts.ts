import { concernsReceiver } from "../../domain/attempt.ts";
import { failedForTooLong, type Health, healthStatus, newHealth, observe } from "../../domain/health.ts";
import type { MessageId, NodeId, SubscriptionId } from "../../domain/id.ts";
import { latencyEndsMs } from "../../domain/latency.ts";
import { factsOf, type OperationalFact } from "../../domain/operational-event.ts";
import type { AttemptRecord } from "../attempts/interface.ts";
import type { WriteContext } from "../sql.ts";
import { disableSubscription } from "../subscriptions/change-subscriptions.ts";
import type { PostgresSql } from "./postgres-sql.ts";

type PostgresWriteContext = WriteContext & { readonly sql: PostgresSql };

export interface Recorded {
  /** One for each record. */
  readonly held: readonly boolean[];
  /** Operational events. */
  readonly facts: readonly OperationalFact[];
}

/** Records the outcomes of attempts in one statement, and then their effects on the health of the subscriptions. */
export async function recordAttempts(
  context: PostgresWriteContext,
  nodeId: NodeId,
  records: readonly AttemptRecord[],
  now: number,
): Promise<Recorded> {
  if (records.length === 0) return { held: [], facts: [] };
  const first = new Map(
    records.map((record) => [keyOf(record.attempt), record]).reverse() as [string, AttemptRecord][],
  );
  const stored = await store(context.sql, nodeId, [...first.values()]);
  const held = records.map(
    (record) => first.get(keyOf(record.attempt)) === record && stored.has(keyOf(record.attempt)),
  );
  const kept = records.filter((_, index) => held[index]);
  for (const { attempt } of kept) context.changeLog.attempt(attempt.organizationId, attempt.id);
  const facts = kept.flatMap(({ attempt, operationalEvents }) => factsOf(attempt, operationalEvents));
  const ofReceivers = kept.filter(({ attempt }) => concernsReceiver(attempt));
  facts.push(...(await keepHealth(context, ofReceivers, stored, now)));
  facts.push(...(await disableGone(context, kept, stored, now)));
  return { held, facts };
}

async function disableGone(
  context: PostgresWriteContext,
  records: readonly AttemptRecord[],
  known: ReadonlyMap<string, Health>,
  now: number,
): Promise<OperationalFact[]> {
  const facts: OperationalFact[] = [];
  for (const { attempt, settled, operationalEvents } of records) {
    if (settled.state !== "failed" || !settled.gone || operationalEvents === null) continue;
    const failingSince = known.get(keyOf(attempt))?.failingSince ?? now;
    const { subscriptionId } = attempt;
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
  return facts;
}

function keyOf(delivery: { readonly messageId: MessageId; readonly subscriptionId: SubscriptionId }): string {
  return `${delivery.messageId} ${delivery.subscriptionId}`;
}

// The numbers of domain/status-class.ts.
const statusClassInSql = `case when succeeded = 1 then 2 when response_status = 0 then 0
  when response_status / 100 in (3, 4, 5) then response_status / 100 else 1 end`;

// Fenced: it moves only deliveries that this node still holds in the state in which they were claimed, and stores
// attempts only of the deliveries that it moved. Returns the previous health of each subscription.
async function store(
  sql: PostgresSql,
  nodeId: NodeId,
  records: readonly AttemptRecord[],
): Promise<Map<string, Health>> {
  const rows = await sql.over<StoredRow>(
    `with record as materialized (
       select * from unnest(cast(? as uuid[]), cast(? as uuid[]), cast(? as uuid[]), cast(? as uuid[]), cast(? as text[]),
         cast(? as integer[]), cast(? as integer[]), cast(? as text[]), cast(? as text[]), cast(? as text[]), cast(? as bigint[]),
         cast(? as bigint[]), cast(? as integer[]), cast(? as text[]), cast(? as bigint[]), cast(? as text[]),
         cast(? as integer[]))
       as record (id, organization_id, message_id, subscription_id, url, succeeded, response_status, response_body, response_headers, error,
         started_at, duration_ms, attempt_number, trigger, next_attempt_at, state, schedule_step)),
     moved as (
       update delivery set state = record.state, attempts = attempt_number, node_id = null,
         schedule_step = coalesce(record.schedule_step, delivery.schedule_step),
         due_at = coalesce(next_attempt_at, due_at)
       from record where delivery.message_id = record.message_id and delivery.subscription_id = record.subscription_id
         and delivery.state = 'claimed' and delivery.node_id = ? and delivery.attempts = attempt_number - 1
       returning delivery.message_id, delivery.subscription_id),
     made as (
       insert into attempt (id, organization_id, message_id, subscription_id, url, succeeded, response_status,
         response_body, response_headers, error, started_at, duration_ms, attempt_number, trigger, next_attempt_at)
       select id, organization_id, message_id, subscription_id, url, succeeded, response_status, response_body, response_headers, error,
         started_at, duration_ms, attempt_number, trigger, next_attempt_at
       from record join moved using (message_id, subscription_id)
       returning message_id, subscription_id, organization_id, started_at, succeeded, response_status, duration_ms),
     counted as (
       insert into attempt_count_by_minute as known (starts_at, subject_id, shard, status_class, latency, attempts)
       select started_at - started_at % 60000, subject_id, ?, ${statusClassInSql},
         width_bucket(duration_ms, cast(? as bigint[])), count(*)
       from made cross join lateral (values (subscription_id), (organization_id)) as subject (subject_id)
       group by 1, 2, 4, 5 order by 1, 2, 4, 5
       on conflict (starts_at, subject_id, shard, status_class, latency)
         do update set attempts = known.attempts + excluded.attempts)
     select message_id as "messageId", subscription_id as "subscriptionId", recent, failing_since as "failingSince"
     from made left join subscription_health using (subscription_id)`,
    records.map(({ attempt }) => attempt.id),
    records.map(({ attempt }) => attempt.organizationId),
    records.map(({ attempt }) => attempt.messageId),
    records.map(({ attempt }) => attempt.subscriptionId),
    records.map(({ attempt }) => attempt.url),
    records.map(({ attempt }) => (attempt.succeeded ? 1 : 0)),
    records.map(({ attempt }) => attempt.responseStatus),
    records.map(({ attempt }) => attempt.responseBody),
    records.map(({ attempt }) => attempt.responseHeaders),
    records.map(({ attempt }) => attempt.error),
    records.map(({ attempt }) => attempt.startedAt),
    records.map(({ attempt }) => Math.round(attempt.durationMs)),
    records.map(({ attempt }) => attempt.attemptNumber),
    records.map(({ attempt }) => attempt.trigger),
    records.map(({ attempt }) => attempt.nextAttemptAt),
    records.map(({ settled }) => settled.state),
    records.map(({ settled }) => (settled.state === "due" ? settled.scheduleStep : null)),
    nodeId,
    shardOf(nodeId),
    latencyEndsMs,
  );
  return new Map(
    rows.map(({ recent, failingSince, ...key }) => [
      keyOf(key),
      recent === null ? newHealth : { recent, failingSince },
    ]),
  );
}

// A few rows for each minute, and two nodes seldom write to the same one.
function shardOf(nodeId: NodeId): number {
  return Number.parseInt(nodeId.slice(-2), 16) % 64;
}

interface StoredRow {
  readonly messageId: MessageId;
  readonly subscriptionId: SubscriptionId;
  /** Null before the first outcome. */
  readonly recent: string | null;
  readonly failingSince: number | null;
}

interface HealthRow extends Health {
  readonly subscriptionId: SubscriptionId;
}

/** Other nodes record outcomes of the same subscriptions, so a change is added to the stored health. No change, no write. */
async function keepHealth(
  context: PostgresWriteContext,
  records: readonly AttemptRecord[],
  known: ReadonlyMap<string, Health>,
  now: number,
): Promise<OperationalFact[]> {
  const bySubscription = Map.groupBy(records, ({ attempt }) => attempt.subscriptionId);
  const changes: { subscriptionId: SubscriptionId; seen: Health; before: Health }[] = [];
  for (const [subscriptionId, attempts] of bySubscription) {
    const outcomes = attempts.map(({ attempt }) => attempt.succeeded);
    const [any] = attempts;
    const before = (any && known.get(keyOf(any.attempt))) ?? newHealth;
    const after = outcomes.reduce((health, succeeded) => observe(health, succeeded, now), before);
    if (after.recent === before.recent && after.failingSince === before.failingSince) continue;
    const seen = outcomes.reduce((health, succeeded) => observe(health, succeeded, now), newHealth);
    changes.push({ subscriptionId, seen, before });
  }
  if (changes.length === 0) return [];
  const after = await context.sql.over<HealthRow>(
    `insert into subscription_health as known (subscription_id, recent, failing_since)
     select * from unnest(cast(? as uuid[]), cast(? as text[]), cast(? as bigint[])) order by 1
     on conflict (subscription_id) do update set recent = left(excluded.recent || known.recent, 10),
       failing_since = case when strpos(excluded.recent, '1') > 0 then excluded.failing_since
         else coalesce(known.failing_since, excluded.failing_since) end
     returning subscription_id as "subscriptionId", recent, failing_since as "failingSince"`,
    changes.map(({ subscriptionId }) => subscriptionId),
    changes.map(({ seen }) => seen.recent),
    changes.map(({ seen }) => seen.failingSince),
  );
  const statusBefore = new Map(changes.map(({ subscriptionId, before }) => [subscriptionId, healthStatus(before)]));
  const facts: OperationalFact[] = [];
  for (const { subscriptionId, failingSince, recent } of after) {
    const isChanged = healthStatus({ failingSince, recent }) !== statusBefore.get(subscriptionId);
    if (isChanged) context.changeLog.subscription(subscriptionId);
    const operationalEventId = bySubscription
      .get(subscriptionId)
      ?.find(({ operationalEvents }) => operationalEvents !== null)?.operationalEvents?.disabledId;
    if (operationalEventId === undefined || !failedForTooLong({ failingSince, recent }, now)) continue;
    facts.push(
      ...(await disableSubscription(context, {
        subscriptionId,
        reason: "failing",
        failingSince,
        now,
        operationalEventId,
      })),
    );
  }
  return facts;
}
