// Which messages may belong to a list, newest first: read from the index that has the fewest for its filters.

import { firstIdAt, type MessageId, type OrganizationId, type SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { ListMessages } from "../message-store.ts";
import type { Reading, SqlValue } from "../sql.ts";

export interface Candidates {
  /** Newest first. */
  readonly ids: readonly MessageId[];
  /** Whether there are none older. */
  readonly isEnd: boolean;
}

/** The newest candidates before an id: about as many as asked for. */
type FindCandidates = (before: string, limit: number) => Promise<Candidates>;

interface Bounds {
  readonly from: string;
  readonly before: string;
  readonly limit: number;
}

/** The newest ids of one kind within bounds, newest first. */
type ReadRange = (bounds: Bounds) => Promise<readonly MessageId[]>;

export async function candidatesFor(reading: Reading, params: ListMessages): Promise<FindCandidates> {
  const ranges = await rangesFor(reading, params);
  const from = firstIdAt(params.since ?? 0);
  return async (before, limit) =>
    merge(await Promise.all(ranges.map((readRange) => readRange({ from, before, limit }))), limit);
}

async function rangesFor(reading: Reading, params: ListMessages): Promise<readonly ReadRange[]> {
  const { organizationId, subscriptionId, eventTypes, status } = params;
  if (status === "failed") return [failedIn(reading, organizationId)];
  if (status === "pending") {
    const lanes = subscriptionId === null ? await lanesWaiting(reading, organizationId) : [subscriptionId];
    // With very many lanes that wait, a message that waits is not far.
    if (lanes.length <= limits.lanesPerListMax) return lanes.flatMap((lane) => waitingIn(reading, lane));
  }
  if (subscriptionId !== null) {
    const attempted = await attemptedFor(reading, subscriptionId);
    if (attempted !== null) {
      const others =
        status === null ? [...waitingIn(reading, subscriptionId), setAsideIn(reading, subscriptionId)] : [];
      return [among(attempted), ...others];
    }
  }
  return eventTypes === null
    ? [allOf(reading, organizationId)]
    : [...new Set(eventTypes)].map((eventType) => ofType(reading, organizationId, eventType));
}

function allOf(reading: Reading, organizationId: OrganizationId): ReadRange {
  return rangeOf(reading, "id", "message where organization_id = ?", [organizationId]);
}

function ofType(reading: Reading, organizationId: OrganizationId, eventType: string): ReadRange {
  return rangeOf(reading, "id", "message where organization_id = ? and event_type = ?", [organizationId, eventType]);
}

function failedIn(reading: Reading, organizationId: OrganizationId): ReadRange {
  return rangeOf(reading, "message_id", "delivery where state = 'failed' and organization_id = ?", [organizationId]);
}

function waitingIn(reading: Reading, subscriptionId: SubscriptionId): ReadRange[] {
  return ["due", "claimed"].map((state) =>
    rangeOf(reading, "message_id", `delivery where state = '${state}' and subscription_id = ?`, [subscriptionId]),
  );
}

function setAsideIn(reading: Reading, subscriptionId: SubscriptionId): ReadRange {
  const rows = "delivery where state in ('skipped', 'cancelled') and subscription_id = ?";
  return rangeOf(reading, "message_id", rows, [subscriptionId]);
}

/** Newest first; null when there are too many. What has been delivered or has failed has been attempted. */
async function attemptedFor({ sql }: Reading, subscriptionId: SubscriptionId): Promise<readonly MessageId[] | null> {
  const rows = await sql.all<{ id: MessageId }>(
    "select message_id as id from attempt where subscription_id = ? order by attempt.id desc limit ?",
    subscriptionId,
    limits.attemptsOfRareMax + 1,
  );
  if (rows.length > limits.attemptsOfRareMax) return null;
  const ids = new Set(rows.map((row) => row.id));
  return [...ids].sort().reverse();
}

function among(ids: readonly MessageId[]): ReadRange {
  return async ({ from, before, limit }) => ids.filter((id) => id >= from && id < before).slice(0, limit);
}

/** One look into an index for each subscription, whatever its backlog: at the first that waits for it or a later one. */
async function lanesWaiting({ sql }: Reading, organizationId: OrganizationId): Promise<SubscriptionId[]> {
  const hasAny = (state: string) =>
    `(select subscription_id from delivery where state = '${state}' and subscription_id >= subscription.id
      order by subscription_id limit 1) = subscription.id`;
  const rows = await sql.all<{ id: SubscriptionId }>(
    `select id from subscription where organization_id = ? and deleted_at is null
       and (${hasAny("claimed")} or ${hasAny("due")}) order by id limit ?`,
    organizationId,
    limits.lanesPerListMax + 1,
  );
  return rows.map((row) => row.id);
}

/** Rows whose `id` is a message's; where `rows` end, the bounds go on. */
function rangeOf({ sql }: Reading, id: "id" | "message_id", rows: string, values: readonly SqlValue[]): ReadRange {
  return async ({ from, before, limit }) => {
    const found = await sql.all<{ id: MessageId }>(
      `select ${id} as id from ${rows} and ${id} >= ? and ${id} < ? order by ${id} desc limit ?`,
      ...values,
      from,
      before,
      limit,
    );
    return found.map((row) => row.id);
  };
}

/** A range that gave all that was asked of it may have more before its last: so older ones of the others must wait. */
function merge(found: readonly (readonly MessageId[])[], limit: number): Candidates {
  const ends = found.filter((ids) => ids.length === limit).map((ids) => ids.at(-1) ?? "");
  const known = ends.reduce((newest, id) => (id > newest ? id : newest), "");
  const ids = [...new Set(found.flat())].filter((id) => id >= known);
  return { ids: ids.sort().reverse(), isEnd: ends.length === 0 };
}
