import type { Trigger } from "../../domain/attempt.ts";
import type { ClaimedDelivery } from "../../domain/delivery.ts";
import type { MessageId, NodeId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { DeliveryKey, DueLane, LaneClaim, LaneRoom } from "../delivery-store.ts";
import { setAsideDeliveries } from "./subscriptions.ts";
import type { Reading, Writing } from "./transaction.ts";

export function beatNode({ db }: Writing, params: { nodeId: NodeId; leaseUntil: number; now: number }): boolean {
  const { nodeId, leaseUntil, now } = params;
  const known = db.get<{ lease_until: number }>("select lease_until from node where id = ?", nodeId);
  if (known !== null && known.lease_until <= now) return false;
  db.run(
    "insert into node (id, lease_until) values (?, ?) on conflict do update set lease_until = excluded.lease_until",
    nodeId,
    leaseUntil,
  );
  return true;
}

/** Only one process can hold the file, so whoever claimed before it was opened is dead. */
export function buryAllNodes({ db }: { db: Reading["db"] }): void {
  db.exec("update node set lease_until = 0");
}

export function rescueDeliveries({ db }: Writing, { now, limit }: { now: number; limit: number }): number {
  const rescued = db.run(
    `update delivery set state = 'due', node_id = null where (message_id, subscription_id) in
       (select message_id, subscription_id from delivery
        where state = 'claimed' and node_id in (select id from node where lease_until <= ?) limit ?)`,
    now,
    limit,
  );
  if (rescued < limit) db.run("delete from node where lease_until <= ?", now);
  return rescued;
}

export function releaseDeliveries(
  { db }: Writing,
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

/** Steps from one subscription to the next in the index, so the cost is a lookup for each lane, whatever its backlog. */
export function findDueLanes({ db }: Reading, { limit }: { limit: number }): DueLane[] {
  return db.all<{ subscriptionId: SubscriptionId; dueAt: number }>(
    `with recursive lane (id) as (
       select min(subscription_id) from delivery where state = 'due'
       union all
       select (select min(subscription_id) from delivery where state = 'due' and subscription_id > lane.id)
       from lane where lane.id is not null
     )
     select id as subscriptionId,
       (select min(due_at) from delivery where state = 'due' and subscription_id = lane.id) as dueAt
     from lane where id is not null order by dueAt limit ?`,
    limit,
  );
}

export function claimDue(
  writing: Writing,
  params: { nodeId: NodeId; now: number; lanes: readonly LaneRoom[] },
): LaneClaim[] {
  return params.lanes.map((lane) => claimLane(writing, lane, params.nodeId, params.now));
}

interface DueRow {
  readonly message_id: MessageId;
  readonly organization_id: OrganizationId;
  readonly payload: string;
  readonly trigger: Trigger;
  readonly attempts: number;
  readonly schedule_step: number;
}

function claimLane(writing: Writing, { subscriptionId, limit }: LaneRoom, nodeId: NodeId, now: number): LaneClaim {
  const { db } = writing;
  const target = db.get<{ disabled_reason: string | null; deleted_at: number | null }>(
    "select disabled_reason, deleted_at from subscription where id = ?",
    subscriptionId,
  );
  if (target === null || target.deleted_at !== null || target.disabled_reason !== null) {
    const deleted = target === null || target.deleted_at !== null;
    setAsideDeliveries(writing, subscriptionId, deleted ? "cancelled" : "skipped");
    return { subscriptionId, claimed: 0, drained: true };
  }
  const rows = db.all<DueRow>(
    `select message_id, delivery.organization_id, payload, trigger, attempts, schedule_step
     from delivery indexed by deliveries_due join message on message.id = message_id
     where state = 'due' and subscription_id = ? and due_at <= ? order by due_at, message_id limit ?`,
    subscriptionId,
    now,
    limit,
  );
  for (const row of rows) {
    db.run(
      "update delivery set state = 'claimed', node_id = ? where message_id = ? and subscription_id = ?",
      nodeId,
      row.message_id,
      subscriptionId,
    );
  }
  writing.claimed.push(...rows.map((row) => claimedOf(row, subscriptionId)));
  writing.room = Math.max(0, writing.room - rows.length);
  const drained = rows.length < limit;
  // Nothing waits any more: what this commit makes for the lane comes after what was claimed, and may be handed over.
  if (drained) writing.closedLanes.delete(subscriptionId);
  return { subscriptionId, claimed: rows.length, drained };
}

function claimedOf(row: DueRow, subscriptionId: SubscriptionId): ClaimedDelivery {
  return {
    messageId: row.message_id,
    subscriptionId,
    organizationId: row.organization_id,
    payload: row.payload,
    trigger: row.trigger,
    attempts: row.attempts,
    scheduleStep: row.schedule_step,
  };
}
