import { gravest, type HoldBack, type HoldBackState } from "../../domain/hold-back.ts";
import type { NodeId, SubscriptionId } from "../../domain/id.ts";
import type { CommandsOf } from "../operations.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import type { NotedHoldBack, ThrottleStateStore } from "./interface.ts";

export const commands = { noteHoldBacks } satisfies CommandsOf<ThrottleStateStore>;

async function noteHoldBacks(
  { sql, notes }: WriteContext,
  { nodeId, holdBacks }: { nodeId: NodeId; holdBacks: readonly NotedHoldBack[] },
): Promise<null> {
  await sql.run("delete from hold_back where node_id not in (select id from node where buried_at is null)");
  await sql.runEach(
    "delete from hold_back where subscription_id = ? and node_id = ?",
    holdBacks.map(({ subscriptionId }) => [subscriptionId, nodeId]),
  );
  for (const { subscriptionId } of holdBacks) notes.subscription(subscriptionId);
  // A subscription may have gone, with its organization.
  await sql.runEach(
    `insert into hold_back (subscription_id, node_id, state, reason, since, next_try_at)
     select id, ?, ?, ?, ?, ? from subscription where id = ?`,
    holdBacks.flatMap(({ subscriptionId, holdBack }) =>
      holdBack === null
        ? []
        : [[nodeId, holdBack.state, holdBack.reason, holdBack.since, holdBack.nextTryAt, subscriptionId]],
    ),
  );
  return null;
}

interface HoldBackRow {
  readonly subscription_id: SubscriptionId;
  readonly state: HoldBackState;
  readonly reason: string;
  readonly since: number;
  readonly next_try_at: number | null;
}

/** What living nodes say of subscriptions: the gravest of each. */
export async function readHoldBacks(
  { sql }: ReadContext,
  subscriptionIds: readonly SubscriptionId[],
): Promise<(subscriptionId: SubscriptionId) => HoldBack | null> {
  if (subscriptionIds.length === 0) return () => null;
  const rows = await sql.all<HoldBackRow>(
    `select subscription_id, state, reason, since, next_try_at from hold_back
     where ${sql.dialect.isOneOf("subscription_id")} and node_id in (select id from node where buried_at is null)`,
    JSON.stringify(subscriptionIds),
  );
  const said = Map.groupBy(rows, (row) => row.subscription_id);
  return (subscriptionId) =>
    gravest(
      (said.get(subscriptionId) ?? []).map((row) => ({
        state: row.state,
        reason: row.reason,
        since: row.since,
        nextTryAt: row.next_try_at,
      })),
    );
}
