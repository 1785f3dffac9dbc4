import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { lanesWaiting } from "../messages/candidates.ts";
import type { QueriesOf } from "../operations.ts";
import type { ReadContext } from "../sql.ts";
import { readThrottleStates } from "../throttle-states/sql.ts";
import type { Backlog, BacklogStore, WaitingCounts, WaitingSubscription } from "./interface.ts";

export const lists = { readBacklog } satisfies QueriesOf<BacklogStore>;

type Lane = Omit<WaitingSubscription, "throttleState">;

export async function readBacklog(
  context: ReadContext,
  { organizationId, now }: { organizationId: OrganizationId; now: number },
): Promise<Backlog> {
  const waiting = await lanesWaiting(context, organizationId, limits.backlogLanesMax + 1);
  const looked = waiting.slice(0, limits.backlogLanesMax);
  const shareOfEach = Math.floor(limits.backlogCountedMax / Math.max(1, looked.length));
  const countedUpTo = Math.min(limits.backlogOfSubscriptionMax, shareOfEach);
  const lanes = await readLanes(context, looked, now, countedUpTo);
  const shown = lanes
    .toSorted((a, b) => b.due - a.due || b.later - a.later || b.claimed - a.claimed)
    .slice(0, limits.backlogSubscriptionsMax);
  const throttleStateOf = await readThrottleStates(
    context,
    shown.map((lane) => lane.subscriptionId),
  );
  const dueSince = lanes.flatMap(({ due, nextAttemptAt }) =>
    due > 0 && nextAttemptAt !== null ? [nextAttemptAt] : [],
  );
  const sum = (kind: keyof WaitingCounts) => lanes.reduce((total, lane) => total + lane[kind], 0);
  return {
    due: sum("due"),
    later: sum("later"),
    claimed: sum("claimed"),
    oldestDueAt: dueSince.length === 0 ? null : dueSince.reduce((a, b) => Math.min(a, b)),
    countedUpTo,
    isExact:
      looked.length === waiting.length &&
      lanes.every(({ due, later, claimed }) => Math.max(due, later, claimed) < countedUpTo),
    subscriptions: shown.map((lane) => ({ ...lane, throttleState: throttleStateOf(lane.subscriptionId) })),
  };
}

/**
 * The query reads only indexes, each in an order that only the right one has. It is one statement, so that it is
 * planned once.
 */
async function readLanes(
  { sql }: ReadContext,
  ids: readonly SubscriptionId[],
  now: number,
  limit: number,
): Promise<Lane[]> {
  const of = (state: string) => `from delivery where state = '${state}' and subscription_id = subscription.id`;
  const counted = (rows: string) =>
    `(select cast(count(*) as integer) from (select 1 as one ${rows} limit ?) as waiting)`;
  return await sql.all<Lane>(
    `select id as "subscriptionId", url,
       ${counted(`${of("due")} and due_at <= ? order by due_at`)} as due,
       ${counted(`${of("due")} and due_at > ? order by due_at`)} as later,
       ${counted(`${of("claimed")} order by node_id`)} as claimed,
       (select due_at ${of("due")} order by due_at limit 1) as "nextAttemptAt"
     from subscription where ${sql.dialect.isOneOf("id")}`,
    now,
    limit,
    now,
    limit,
    limit,
    JSON.stringify(ids),
  );
}
