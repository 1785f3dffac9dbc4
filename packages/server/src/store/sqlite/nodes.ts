import type { NodeId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Database } from "./database.ts";
import type { SqliteWriteContext } from "./write-context.ts";

export function recordHeartbeat(
  { db }: SqliteWriteContext,
  params: { nodeId: NodeId; leaseUntil: number; now: number; isNew: boolean },
): boolean {
  const { nodeId, leaseUntil, now, isNew } = params;
  if (isNew) {
    db.run(
      "insert into node (id, lease_until) values (?, ?) on conflict do update set lease_until = excluded.lease_until, expired_at = null",
      nodeId,
      leaseUntil,
    );
    return true;
  }
  const beating = "update node set lease_until = ? where id = ? and lease_until > ? and expired_at is null";
  return db.run(beating, leaseUntil, nodeId, now) > 0;
}

/** Only one process can open the file, so every node that claimed deliveries before has ended. */
export function expireAllNodes({ db }: { db: Database }): void {
  db.exec("update node set lease_until = 0");
}

export function rescueDeliveries({ db }: SqliteWriteContext, { now, limit }: { now: number; limit: number }): number {
  db.run("update node set expired_at = ? where lease_until <= ? and expired_at is null", now, now);
  const rescued = db.run(
    `update delivery set state = 'due', node_id = null where (message_id, subscription_id) in
       (select message_id, subscription_id from delivery
        where state = 'claimed' and node_id in (select id from node where expired_at is not null) limit ?)`,
    limit,
  );
  if (rescued < limit) db.run("delete from node where expired_at <= ?", now - limits.nodeRememberedMs);
  return rescued;
}
