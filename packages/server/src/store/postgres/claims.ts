import type { Trigger } from "../../domain/attempt.ts";
import type { ClaimedDelivery } from "../../domain/delivery.ts";
import type { MessageId, NodeId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { payloadBytes } from "../../domain/message.ts";
import type { TargetKind } from "../../domain/target.ts";
import type { CommitEffects } from "../commit/commit-effects.ts";
import type { DeliveryKey, DueLane, LaneClaim, LaneRoom } from "../deliveries/interface.ts";
import { hasExpired, setAsideDeliveries } from "../deliveries/set-aside-deliveries.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import type { PostgresSql } from "./postgres-sql.ts";
import { RateGrants } from "./rate-grants.ts";

export async function releaseDeliveries(
  sql: PostgresSql,
  nodeId: NodeId,
  deliveries: readonly DeliveryKey[],
): Promise<number> {
  if (deliveries.length === 0) return 0;
  const rows = await sql.over(
    `update delivery set state = 'due', node_id = null
     from unnest(cast(? as uuid[]), cast(? as uuid[])) as released (message_id, subscription_id)
     where delivery.message_id = released.message_id and delivery.subscription_id = released.subscription_id
       and state = 'claimed' and node_id = ? returning 1`,
    deliveries.map(({ messageId }) => messageId),
    deliveries.map(({ subscriptionId }) => subscriptionId),
    nodeId,
  );
  return rows.length;
}

/** Steps from one subscription to the next in the index, so the cost is a lookup for each lane, regardless of its backlog. */
export function findDueLanes({ sql }: ReadContext, { limit }: { limit: number }): Promise<DueLane[]> {
  return sql.all<DueLane>(
    `with recursive lane (id) as (
       (select subscription_id from delivery where state = 'due' order by subscription_id limit 1)
       union all
       select (select subscription_id from delivery where state = 'due' and subscription_id > lane.id
         order by subscription_id limit 1)
       from lane where lane.id is not null
     )
     select id as "subscriptionId",
       (select organization_id from subscription where subscription.id = lane.id) as "organizationId",
       (select due_at from delivery where state = 'due' and subscription_id = lane.id order by due_at limit 1) as "dueAt"
     from lane where id is not null and ${isNoListener} order by "dueAt" limit ?`,
    limit,
  );
}

// The waiting deliveries of a disabled or deleted listener are set aside like those of other subscriptions.
const isNoListener = `id not in (
  select id from subscription where target = 'listener' and deleted_at is null and disabled_reason is null)`;

interface LaneSubscription {
  readonly id: SubscriptionId;
  readonly ordered: number;
  readonly rate_limit: number | null;
  readonly disabled_reason: string | null;
  readonly deleted_at: number | null;
  readonly expires_at: number | null;
  readonly target: TargetKind;
}

interface ClaimedRow {
  readonly message_id: MessageId;
  readonly subscription_id: SubscriptionId;
  readonly organization_id: OrganizationId;
  readonly event_type: string;
  readonly payload: string;
  readonly content_type: string | null;
  readonly payload_deleted_at: number | null;
  readonly trigger: Trigger;
  readonly attempts: number;
  readonly schedule_step: number;
  readonly due_at: number;
  readonly trace_context: string | null;
}

/** Claims for all lanes together. Rows that other nodes are claiming now are skipped, without waiting for them. */
export async function claimDue(
  context: WriteContext & { readonly sql: PostgresSql },
  effects: CommitEffects,
  params: { nodeId: NodeId; now: number; lanes: readonly LaneRoom[] },
): Promise<LaneClaim[]> {
  const { sql } = context;
  // The node has expired: no node would rescue its new claims.
  if (effects.nodeId === null) {
    return params.lanes.map(({ subscriptionId }) => ({ subscriptionId, claimed: 0, drained: false }));
  }
  const subscriptions = await readLaneSubscriptions(sql, params.lanes);
  const byHandOnly = params.lanes.filter((lane) => lane.byHandOnly === true);
  const byHand = await lanesWithDue(sql, byHandOnly, params.now, isByHand);
  const [plain, ordered]: [LaneRoom[], LaneRoom[]] = [[], []];
  const [cancelled, skipped]: [SubscriptionId[], SubscriptionId[]] = [[], []];
  const grants = await RateGrants.hold(sql, rateLimitsOf(subscriptions.values()), params.now);
  for (const lane of params.lanes) {
    const subscription = subscriptions.get(lane.subscriptionId);
    const isDeleted =
      subscription === undefined || subscription.deleted_at !== null || hasExpired(subscription, params.now);
    if (!isDeleted && subscription.disabled_reason === null) {
      // Its listener claims them.
      if (subscription.target === "listener") continue;
      if (lane.byHandOnly === true && !byHand.has(lane.subscriptionId)) continue;
      (subscription.ordered === 1 ? ordered : plain).push(grants.bounded(lane));
    } else {
      (isDeleted ? cancelled : skipped).push(lane.subscriptionId);
    }
  }
  await setAsideDeliveries(context, cancelled, "cancelled");
  await setAsideDeliveries(context, skipped, "skipped");
  const claim = { nodeId: params.nodeId, now: params.now };
  const bytes = Math.min(effects.bytesFor(params.nodeId), Number.MAX_SAFE_INTEGER);
  const [some, all] = [
    plain.filter((lane) => lane.byHandOnly === true),
    plain.filter((lane) => lane.byHandOnly !== true),
  ];
  const requested = await claimPlain(sql, some, { ...claim, bytes }, isByHand);
  const room = bytes - requested.reduce((sum, row) => sum + payloadBytes(row), 0);
  const fromPlain = [...requested, ...(await claimPlain(sql, all, { ...claim, bytes: room }))];
  const filled = fromPlain.reduce((sum, row) => sum + payloadBytes(row), 0);
  const fromOrdered = await claimOrdered(sql, ordered, { ...claim, bytes: bytes - filled });
  const sendable = [...fromPlain, ...fromOrdered].filter((row) => row.payload_deleted_at === null);
  const claimed = Map.groupBy(sendable, (row) => row.subscription_id);
  await grants.take(sql, (subscriptionId) => claimed.get(subscriptionId)?.length ?? 0);
  const lanes = [...plain, ...ordered];
  const left = await lanesWithDue(sql, lanes, params.now);
  for (const { subscriptionId } of byHandOnly) left.add(subscriptionId);
  for (const { subscriptionId } of lanes) {
    const rows = claimed.get(subscriptionId) ?? [];
    const isOrdered = subscriptions.get(subscriptionId)?.ordered === 1;
    const deliveries = rows.toSorted(isOrdered ? byMessage : byDueTime).map((row) => claimedOf(row, isOrdered));
    effects.claim(subscriptionId, deliveries, !left.has(subscriptionId));
  }
  return params.lanes.map((lane) => {
    const { subscriptionId } = lane;
    const count = claimed.get(subscriptionId)?.length ?? 0;
    const drained = !left.has(subscriptionId);
    const nextTokenAt = drained ? null : grants.nextTokenAt(lane, count);
    return { subscriptionId, claimed: count, drained, ...(nextTokenAt !== null && { nextTokenAt }) };
  });
}

function rateLimitsOf(subscriptions: Iterable<LaneSubscription>): Map<SubscriptionId, number> {
  const limited = new Map<SubscriptionId, number>();
  for (const { id, rate_limit } of subscriptions) if (rate_limit !== null) limited.set(id, rate_limit);
  return limited;
}

const isByHand = "and trigger in ('manual', 'test')";

async function readLaneSubscriptions(
  sql: PostgresSql,
  lanes: readonly LaneRoom[],
): Promise<Map<SubscriptionId, LaneSubscription>> {
  const rows = await sql.over<LaneSubscription>(
    `select id, ordered, rate_limit, disabled_reason, deleted_at, expires_at, target
     from subscription where id = any (cast(? as uuid[]))`,
    lanes.map((lane) => lane.subscriptionId),
  );
  return new Map(rows.map((row) => [row.id, row]));
}

interface Claim {
  readonly nodeId: NodeId;
  readonly now: number;
  /** The room for payloads, shared by all lanes. */
  readonly bytes: number;
}

// Due deliveries in that order, while there is room. Lengths are known without reading the payloads.
const claimWithinBytes = `, picked as materialized (
    select message_id, subscription_id from (
      select message_id, subscription_id,
        sum(octet_length(payload)) over (order by place) - octet_length(payload) as bytes_before
      from due join message on message.id = message_id) as measured
    where bytes_before < ?)
  update delivery set state = case when payload_deleted_at is null then 'claimed' else 'cancelled' end,
    node_id = case when payload_deleted_at is null then cast(? as uuid) end
  from picked join message on message.id = picked.message_id
  where delivery.message_id = picked.message_id and delivery.subscription_id = picked.subscription_id and state = 'due'
  returning delivery.message_id, delivery.subscription_id, delivery.organization_id, event_type, payload, content_type,
    payload_deleted_at, trigger, attempts, schedule_step, due_at, trace_context`;

// A delivery that must follow another waits until that one has been attempted, or this node holds that one and so
// starts it first.
async function claimPlain(
  sql: PostgresSql,
  lanes: readonly LaneRoom[],
  { nodeId, now, bytes }: Claim,
  condition = "",
): Promise<ClaimedRow[]> {
  if (lanes.length === 0 || bytes <= 0) return [];
  return await sql.over<ClaimedRow>(
    `with due as materialized (
       select due.message_id, due.subscription_id,
         row_number() over (order by lane.position, due_at, due.message_id) as place
       from unnest(cast(? as uuid[]), cast(? as integer[])) with ordinality as lane (id, room, position)
         cross join lateral (
         select message_id, subscription_id, due_at from delivery
         where state = 'due' ${condition} and subscription_id = lane.id and due_at <= ?
           and (after_id is null or (
             select 1 from delivery as first
             where first.message_id = delivery.after_id and first.subscription_id = delivery.subscription_id
               and first.attempts = 0 and (first.state = 'due' or (first.state = 'claimed' and first.node_id <> ?))
             limit 1) is null)
         order by due_at, message_id limit lane.room for update skip locked) as due)
     ${claimWithinBytes}`,
    lanes.map((lane) => lane.subscriptionId),
    lanes.map((lane) => lane.limit),
    now,
    nodeId,
    bytes,
    nodeId,
  );
}

/**
 * From the oldest unfinished delivery up to the first that is not due yet; nothing while a node holds one of them. A
 * statement of its own locks the subscription, so that the next one sees the claims of the last holder of the lock.
 */
async function claimOrdered(
  sql: PostgresSql,
  lanes: readonly LaneRoom[],
  { nodeId, now, bytes }: Claim,
): Promise<ClaimedRow[]> {
  if (lanes.length === 0 || bytes <= 0) return [];
  const locked = await sql.over<{ id: SubscriptionId }>(
    "select id from subscription where id = any (cast(? as uuid[])) order by id for no key update skip locked",
    lanes.map((lane) => lane.subscriptionId),
  );
  const ids = new Set(locked.map((row) => row.id));
  const mine = lanes.filter((lane) => ids.has(lane.subscriptionId));
  return await sql.over<ClaimedRow>(
    `with due as materialized (
       select due.message_id, due.subscription_id, row_number() over (order by lane.position, due.message_id) as place
       from unnest(cast(? as uuid[]), cast(? as integer[])) with ordinality as lane (id, room, position)
         cross join lateral (
         select message_id, subscription_id, bool_and(due_at <= ?) over (order by message_id) as is_next from (
           select message_id, subscription_id, due_at from delivery
           where state = 'due' and subscription_id = lane.id order by message_id limit lane.room) as oldest) as due
       where is_next and not exists (select 1 from delivery where state = 'claimed' and subscription_id = lane.id))
     ${claimWithinBytes}`,
    mine.map((lane) => lane.subscriptionId),
    mine.map((lane) => lane.limit),
    now,
    bytes,
    nodeId,
  );
}

async function lanesWithDue(
  sql: PostgresSql,
  lanes: readonly LaneRoom[],
  now: number,
  condition = "",
): Promise<Set<SubscriptionId>> {
  if (lanes.length === 0) return new Set();
  const rows = await sql.over<{ id: SubscriptionId }>(
    `select id from unnest(cast(? as uuid[])) as lane (id)
     where (select due_at from delivery where state = 'due' ${condition} and subscription_id = lane.id order by due_at limit 1) <= ?`,
    lanes.map((lane) => lane.subscriptionId),
    now,
  );
  return new Set(rows.map((row) => row.id));
}

function byDueTime(a: ClaimedRow, b: ClaimedRow): number {
  return a.due_at - b.due_at || byMessage(a, b);
}

function byMessage(a: ClaimedRow, b: ClaimedRow): number {
  return a.message_id < b.message_id ? -1 : 1;
}

function claimedOf(row: ClaimedRow, ordered: boolean): ClaimedDelivery {
  return {
    messageId: row.message_id,
    subscriptionId: row.subscription_id,
    organizationId: row.organization_id,
    eventType: row.event_type,
    payload: row.payload,
    contentType: row.content_type,
    trigger: row.trigger,
    attempts: row.attempts,
    scheduleStep: row.schedule_step,
    ordered,
    dueAt: row.due_at,
    traceContext: row.trace_context,
  };
}
