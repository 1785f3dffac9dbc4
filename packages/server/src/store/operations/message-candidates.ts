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

/** One range of an index. */
interface Range {
  /** Selects `id`, up to its `where`. */
  readonly select: string;
  /** The column that `id` is. */
  readonly id: string;
  readonly values: readonly SqlValue[];
}

export async function candidatesFor(reading: Reading, params: ListMessages): Promise<FindCandidates> {
  const ranges = await rangesFor(reading, params);
  const from = firstIdAt(params.since ?? 0);
  return async (before, limit) => {
    const found = await Promise.all(ranges.map((range) => readRange(reading, range, { from, before, limit })));
    return merge(found, limit);
  };
}

async function rangesFor(reading: Reading, params: ListMessages): Promise<readonly Range[]> {
  const { organizationId, subscriptionId, eventTypes, status } = params;
  if (status === "failed") return [failedIn(organizationId)];
  if (status === "pending") {
    const lanes = subscriptionId === null ? await lanesWaiting(reading, organizationId) : [subscriptionId];
    // With very many lanes that wait, a message that waits is not far.
    if (lanes.length <= limits.lanesPerListMax) return lanes.flatMap((lane) => [dueIn(lane), claimedIn(lane)]);
  }
  return eventTypes === null
    ? [allOf(organizationId)]
    : [...new Set(eventTypes)].map((eventType) => ofType(organizationId, eventType));
}

function allOf(organizationId: OrganizationId): Range {
  return { select: "select id from message where organization_id = ?", id: "id", values: [organizationId] };
}

function ofType(organizationId: OrganizationId, eventType: string): Range {
  const select = "select id from message where organization_id = ? and event_type = ?";
  return { select, id: "id", values: [organizationId, eventType] };
}

function failedIn(organizationId: OrganizationId): Range {
  const select = "select message_id as id from delivery where state = 'failed' and organization_id = ?";
  return { select, id: "message_id", values: [organizationId] };
}

function dueIn(subscriptionId: SubscriptionId): Range {
  const select = "select message_id as id from delivery where state = 'due' and subscription_id = ?";
  return { select, id: "message_id", values: [subscriptionId] };
}

function claimedIn(subscriptionId: SubscriptionId): Range {
  const select = "select message_id as id from delivery where state = 'claimed' and subscription_id = ?";
  return { select, id: "message_id", values: [subscriptionId] };
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

async function readRange(
  { sql }: Reading,
  { select, id, values }: Range,
  { from, before, limit }: { from: string; before: string; limit: number },
): Promise<MessageId[]> {
  const rows = await sql.all<{ id: MessageId }>(
    `${select} and ${id} >= ? and ${id} < ? order by ${id} desc limit ?`,
    ...values,
    from,
    before,
    limit,
  );
  return rows.map((row) => row.id);
}

/** A range that gave all that was asked of it may have more before its last: so older ones of the others must wait. */
function merge(found: readonly (readonly MessageId[])[], limit: number): Candidates {
  const ends = found.filter((ids) => ids.length === limit).map((ids) => ids.at(-1) ?? "");
  const known = ends.reduce((newest, id) => (id > newest ? id : newest), "");
  const ids = [...new Set(found.flat())].filter((id) => id >= known);
  return { ids: ids.sort().reverse(), isEnd: ends.length === 0 };
}
