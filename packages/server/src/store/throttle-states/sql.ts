import type { NodeId, SubscriptionId } from "../../domain/id.ts";
import { gravest, type ThrottleState, type ThrottleStateName } from "../../domain/throttle-state.ts";
import type { CommandsOf } from "../operations.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import type { NotedThrottleState, ThrottleStateStore } from "./interface.ts";

export const commands = { noteThrottleStates } satisfies CommandsOf<ThrottleStateStore>;

async function noteThrottleStates(
  { sql, changeLog }: WriteContext,
  { nodeId, throttleStates }: { nodeId: NodeId; throttleStates: readonly NotedThrottleState[] },
): Promise<null> {
  await sql.run("delete from throttle_state where node_id not in (select id from node where expired_at is null)");
  await sql.runEach(
    "delete from throttle_state where subscription_id = ? and node_id = ?",
    throttleStates.map(({ subscriptionId }) => [subscriptionId, nodeId]),
  );
  for (const { subscriptionId } of throttleStates) changeLog.subscription(subscriptionId);
  // A subscription may have been deleted with its organization.
  await sql.runEach(
    `insert into throttle_state (subscription_id, node_id, state, reason, since, next_try_at)
     select id, ?, ?, ?, ?, ? from subscription where id = ?`,
    throttleStates.flatMap(({ subscriptionId, throttleState }) =>
      throttleState === null
        ? []
        : [
            [
              nodeId,
              throttleState.state,
              throttleState.reason,
              throttleState.since,
              throttleState.nextTryAt,
              subscriptionId,
            ],
          ],
    ),
  );
  return null;
}

interface ThrottleStateRow {
  readonly subscription_id: SubscriptionId;
  readonly state: ThrottleStateName;
  readonly reason: string;
  readonly since: number;
  readonly next_try_at: number | null;
}

/** The throttle states that alive nodes report: the most severe of each subscription. */
export async function readThrottleStates(
  { sql }: ReadContext,
  subscriptionIds: readonly SubscriptionId[],
): Promise<(subscriptionId: SubscriptionId) => ThrottleState | null> {
  if (subscriptionIds.length === 0) return () => null;
  const rows = await sql.all<ThrottleStateRow>(
    `select subscription_id, state, reason, since, next_try_at from throttle_state
     where ${sql.dialect.isOneOf("subscription_id")} and node_id in (select id from node where expired_at is null)`,
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
