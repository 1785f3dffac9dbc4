import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Backlog, WaitingCounts } from "../backlog-store.ts";
import type { Reading } from "../sql.ts";
import { countRows } from "./counts.ts";
import { readHoldBacks } from "./hold-backs.ts";
import { lanesWaiting } from "./message-candidates.ts";

interface Lane extends WaitingCounts {
  readonly subscriptionId: SubscriptionId;
  readonly nextAttemptAt: number | null;
}

export async function readBacklog(
  reading: Reading,
  { organizationId, now }: { organizationId: OrganizationId; now: number },
): Promise<Backlog> {
  const waiting = await lanesWaiting(reading, organizationId, limits.backlogLanesMax + 1);
  const looked = waiting.slice(0, limits.backlogLanesMax);
  const shareOfEach = Math.floor(limits.backlogCountedMax / Math.max(1, looked.length));
  const countedUpTo = Math.min(limits.backlogOfSubscriptionMax, shareOfEach);
  const lanes = await Promise.all(looked.map((id) => readLane(reading, id, now, countedUpTo)));
  const shown = lanes
    .toSorted((a, b) => b.due - a.due || b.later - a.later || b.claimed - a.claimed)
    .slice(0, limits.backlogSubscriptionsMax);
  const ids = shown.map((lane) => lane.subscriptionId);
  const [urls, holdBackOf] = await Promise.all([readUrls(reading, ids), readHoldBacks(reading, ids)]);
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
    subscriptions: shown.map((lane) => ({
      ...lane,
      url: urls.get(lane.subscriptionId) ?? "",
      holdBack: holdBackOf(lane.subscriptionId),
    })),
  };
}

/** From indexes alone, in orders that only the right ones have. */
async function readLane(reading: Reading, subscriptionId: SubscriptionId, now: number, limit: number): Promise<Lane> {
  const due = "delivery where state = 'due' and subscription_id = ?";
  const [dueNow, later, claimed, next] = await Promise.all([
    countRows(reading, `${due} and due_at <= ? order by due_at`, [subscriptionId, now], limit),
    countRows(reading, `${due} and due_at > ? order by due_at`, [subscriptionId, now], limit),
    countRows(
      reading,
      "delivery where state = 'claimed' and subscription_id = ? order by node_id",
      [subscriptionId],
      limit,
    ),
    reading.sql.get<{ due_at: number }>(`select due_at from ${due} order by due_at limit 1`, subscriptionId),
  ]);
  return { subscriptionId, due: dueNow, later, claimed, nextAttemptAt: next?.due_at ?? null };
}

async function readUrls(
  { sql }: Reading,
  ids: readonly SubscriptionId[],
): Promise<ReadonlyMap<SubscriptionId, string>> {
  const rows = await sql.all<{ id: SubscriptionId; url: string }>(
    `select id, url from subscription where ${sql.dialect.isOneOf("id")}`,
    JSON.stringify(ids),
  );
  return new Map(rows.map(({ id, url }) => [id, url]));
}
