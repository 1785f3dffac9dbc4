import type { NodeId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { checkOpens } from "../sealing/sql.ts";
import type { WriteContext } from "../sql.ts";
import { programSchema } from "./migrate.ts";

export async function recordHeartbeat(
  { sql, vault }: WriteContext,
  params: { nodeId: NodeId; leaseUntil: number; now: number; isNew: boolean },
): Promise<boolean> {
  const { nodeId, leaseUntil, now, isNew } = params;
  if (!isNew) {
    const beating = "update node set lease_until = ? where id = ? and lease_until > ? and expired_at is null";
    return (await sql.run(beating, leaseUntil, nodeId, now)) > 0;
  }
  // A rotation of the master key may have begun, or ended, since the node started or lost its lease.
  await checkOpens({ sql, vault });
  await sql.run(
    `insert into node (id, lease_until, sealing_keys, program_schema) values (?, ?, ?, ?)
     on conflict (id) do update set lease_until = excluded.lease_until, expired_at = null`,
    nodeId,
    leaseUntil,
    vault.keyIds.join(" "),
    programSchema,
  );
  return true;
}

export async function rescueDeliveries(
  { sql }: WriteContext,
  { now, limit }: { now: number; limit: number },
): Promise<number> {
  // A locked row belongs to a node with a running batch: the others do not wait for its end.
  await sql.run(
    `update node set expired_at = ? where id in
       (select id from node where lease_until <= ? and expired_at is null for update skip locked)`,
    now,
    now,
  );
  const rescued = await sql.run(
    `update delivery set state = 'due', node_id = null from (
       select message_id, subscription_id from delivery
       where state = 'claimed' and node_id in (select id from node where expired_at is not null)
       limit ? for update skip locked) as lost
     where delivery.message_id = lost.message_id and delivery.subscription_id = lost.subscription_id`,
    limit,
  );
  if (rescued < limit) await sql.run("delete from node where expired_at <= ?", now - limits.nodeRememberedMs);
  return rescued;
}

/** Stores the number of a batch in the row of its node, and locks the row until the commit. False if the node has expired. */
export async function noteCommit({ sql }: WriteContext, nodeId: NodeId, number: number): Promise<boolean> {
  return (await sql.run("update node set last_commit = ? where id = ? and expired_at is null", number, nodeId)) > 0;
}

/**
 * The last batch that a node committed. Waits for one that the server may still be committing. The lock is a write: with a
 * synchronous standby, the result returns only after the standby has that batch too.
 */
export async function readLastCommit({ sql }: Pick<WriteContext, "sql">, nodeId: NodeId): Promise<number | null> {
  const row = await sql.get<{ last_commit: number }>("select last_commit from node where id = ? for update", nodeId);
  return row?.last_commit ?? null;
}
