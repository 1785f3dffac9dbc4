import type { Trigger } from "../../domain/attempt.ts";
import type { ClaimedDelivery } from "../../domain/delivery.ts";
import type { MessageId, NodeId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { payloadBytes } from "../../domain/message.ts";
import { type RateBucket, rateGrant, takeTokens } from "../../domain/rate-limit.ts";
import type { TargetKind } from "../../domain/target.ts";
import type { DeliveryKey, DueLane, LaneClaim, LaneRoom } from "../deliveries/interface.ts";
import { hasExpired, setAsideDeliveries } from "../deliveries/set-aside-deliveries.ts";
import type { ReadContext } from "../sql.ts";
import type { Database } from "./database.ts";
import type { SqliteWriteContext } from "./write-context.ts";

export function releaseDeliveries(
  { db }: SqliteWriteContext,
  { nodeId, deliveries }: { nodeId: NodeId; deliveries: readonly DeliveryKey[] },
): number {
  let released = 0;
  for (const { messageId, subscriptionId } of deliveries) {
    released += db.run(
      `update delivery set state = 'due', node_id = null
       where message_id = ? and subscription_id = ? and state = 'claimed' and node_id = ?`,
      messageId,
      subscriptionId,
      nodeId,
    );
  }
  return released;
}

/** Steps from one subscription to the next in the index, so the cost is a lookup for each lane, regardless of its backlog. */
export function findDueLanes({ sql }: ReadContext, { limit }: { limit: number }): Promise<DueLane[]> {
  return sql.all<DueLane>(
    `with recursive lane (id) as (
       select min(subscription_id) from delivery where state = 'due'
       union all
       select (select min(subscription_id) from delivery where state = 'due' and subscription_id > lane.id)
       from lane where lane.id is not null
     )
     select id as subscriptionId,
       (select organization_id from subscription where subscription.id = lane.id) as organizationId,
       (select min(due_at) from delivery where state = 'due' and subscription_id = lane.id) as dueAt
     from lane where id is not null and ${isNoListener} order by dueAt limit ?`,
    limit,
  );
}

// The waiting deliveries of a disabled or deleted listener are set aside like those of other subscriptions.
const isNoListener = `id not in (
  select id from subscription where target = 'listener' and deleted_at is null and disabled_reason is null)`;

export async function claimDue(
  context: SqliteWriteContext,
  params: { nodeId: NodeId; now: number; lanes: readonly LaneRoom[] },
): Promise<LaneClaim[]> {
  // The node has expired: no node would rescue its new claims.
  if (context.effects.nodeId === null) {
    return params.lanes.map(({ subscriptionId }) => ({ subscriptionId, claimed: 0, drained: false }));
  }
  const claims: LaneClaim[] = [];
  for (const lane of params.lanes) claims.push(await claimLane(context, lane, params.nodeId, params.now));
  return claims;
}

interface DueRow {
  readonly message_id: MessageId;
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

async function claimLane(
  context: SqliteWriteContext,
  { subscriptionId, limit: room, byHandOnly = false, startingMax = room }: LaneRoom,
  nodeId: NodeId,
  now: number,
): Promise<LaneClaim> {
  const { db, effects } = context;
  const subscription = db.get<{
    ordered: number;
    rate_limit: number | null;
    disabled_reason: string | null;
    deleted_at: number | null;
    expires_at: number | null;
    target: TargetKind;
  }>(
    "select ordered, rate_limit, disabled_reason, deleted_at, expires_at, target from subscription where id = ?",
    subscriptionId,
  );
  const deleted = subscription === null || subscription.deleted_at !== null || hasExpired(subscription, now);
  if (deleted || subscription.disabled_reason !== null) {
    await setAsideDeliveries(context, [subscriptionId], deleted ? "cancelled" : "skipped");
    return { subscriptionId, claimed: 0, drained: true };
  }
  // Its listener claims them.
  if (subscription.target === "listener") return { subscriptionId, claimed: 0, drained: true };
  if (byHandOnly && db.get(isDueByHand, subscriptionId, now) === null) {
    return { subscriptionId, claimed: 0, drained: false };
  }
  const grant =
    subscription.rate_limit === null ? null : rateGrant(readBucket(db, subscriptionId), subscription.rate_limit, now);
  const requested = grant === null ? room : Math.min(room, startingMax);
  const limit = grant === null ? room : Math.min(requested, grant.deliveries);
  const ordered = subscription.ordered === 1;
  const due = ordered
    ? nextInOrder(db, subscriptionId, now, limit)
    : db.iterate<DueRow>(byHandOnly ? dueByHandInLane : dueInLane, subscriptionId, now, nodeId, limit);
  const found = withinBytes(due, effects.bytesFor(nodeId));
  const rows = found.filter((row) => row.payload_deleted_at === null);
  for (const row of found) {
    const isClaimed = row.payload_deleted_at === null;
    db.run(
      "update delivery set state = ?, node_id = ? where message_id = ? and subscription_id = ?",
      isClaimed ? "claimed" : "cancelled",
      isClaimed ? nodeId : null,
      row.message_id,
      subscriptionId,
    );
  }
  if (grant !== null) storeBucket(db, subscriptionId, takeTokens(grant.bucket, rows.length));
  const drained = !byHandOnly && found.length < limit && db.get(isDueNow, subscriptionId, now) === null;
  effects.claim(
    subscriptionId,
    rows.map((row) => claimedOf(row, subscriptionId, ordered)),
    drained,
  );
  const isCut = grant !== null && !drained && found.length === limit && limit < requested;
  return {
    subscriptionId,
    claimed: rows.length,
    drained,
    ...(isCut && { nextTokenAt: grant.nextTokenAt(rows.length) }),
  };
}

function readBucket(db: Database, subscriptionId: SubscriptionId): RateBucket | null {
  return db.get<RateBucket & Record<string, number>>(
    "select tokens, filled_at as filledAt from rate_bucket where subscription_id = ?",
    subscriptionId,
  );
}

function storeBucket(db: Database, subscriptionId: SubscriptionId, { tokens, filledAt }: RateBucket): void {
  db.run(
    `insert into rate_bucket (subscription_id, tokens, filled_at) values (?, ?, ?)
     on conflict do update set tokens = excluded.tokens, filled_at = excluded.filled_at`,
    subscriptionId,
    tokens,
    filledAt,
  );
}

const isDueNow = "select 1 from delivery where state = 'due' and subscription_id = ? and due_at <= ? limit 1";

const isDueByHand =
  "select 1 from delivery where state = 'due' and trigger in ('manual', 'test') and subscription_id = ? and due_at <= ? limit 1";

const dueInLane = dueOf("deliveries_due", "");
const dueByHandInLane = dueOf("deliveries_due_by_hand", "and trigger in ('manual', 'test')");

// A delivery that must follow another waits until that one has been attempted, or this node holds that one and so
// starts it first.
function dueOf(index: string, condition: string): string {
  return `
  select message_id, delivery.organization_id, event_type, payload, content_type, payload_deleted_at, trigger, attempts,
    schedule_step, due_at, trace_context
  from delivery indexed by ${index} join message on message.id = message_id
  where state = 'due' ${condition} and subscription_id = ? and due_at <= ?
    and (after_id is null or not exists (
      select 1 from delivery as first
      where first.message_id = delivery.after_id and first.subscription_id = delivery.subscription_id
        and first.attempts = 0 and (first.state = 'due' or (first.state = 'claimed' and first.node_id <> ?))))
  order by due_at, message_id limit ?`;
}

/** Reads no more payloads than fit the room. */
function withinBytes(due: Iterable<DueRow>, bytes: number): DueRow[] {
  const rows: DueRow[] = [];
  let left = bytes;
  if (left <= 0) return rows;
  for (const row of due) {
    rows.push(row);
    left -= payloadBytes(row);
    if (left <= 0) break;
  }
  return rows;
}

/** From the oldest unfinished delivery up to the first that is not due yet; nothing while a node holds one of them. */
function* nextInOrder(db: Database, subscriptionId: SubscriptionId, now: number, limit: number): Generator<DueRow> {
  const held = db.get("select 1 from delivery where state = 'claimed' and subscription_id = ? limit 1", subscriptionId);
  if (held !== null) return;
  const rows = db.iterate<DueRow>(
    `select message_id, delivery.organization_id, event_type, payload, content_type, payload_deleted_at, trigger, attempts,
       schedule_step, due_at, trace_context
     from delivery indexed by deliveries_due_in_order join message on message.id = message_id
     where state = 'due' and subscription_id = ? order by message_id limit ?`,
    subscriptionId,
    limit,
  );
  for (const row of rows) {
    if (row.due_at > now) return;
    yield row;
  }
}

function claimedOf(row: DueRow, subscriptionId: SubscriptionId, ordered: boolean): ClaimedDelivery {
  return {
    messageId: row.message_id,
    subscriptionId,
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
