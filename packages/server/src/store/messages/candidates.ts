// Selects the messages that may match a list, in its order: read from the index that has the fewest for its filters.

import type { AttemptFilter } from "../../domain/attempt-filter.ts";
import { firstIdAt, type MessageId, type OrganizationId, type SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { MessageStatus } from "../../domain/message.ts";
import { attemptIdBounds, isFailure } from "../attempts/attempt-conditions.ts";
import { lastId, type ReadContext, type SqlValue } from "../sql.ts";
import type { ListMessages } from "./interface.ts";

export interface Candidates {
  /** In the order of the list. */
  readonly ids: readonly MessageId[];
  /** Whether there are no further candidates. */
  readonly isEnd: boolean;
}

/** The next candidates of the list after an id: about the requested number. */
export type FindCandidates = (cursor: MessageId | null, limit: number) => Promise<Candidates>;

/** The bounds of a range, both exclusive. */
interface Bounds {
  readonly after: string;
  readonly before: string;
  readonly oldestFirst: boolean;
  readonly limit: number;
}

/** The first ids of one kind within bounds, in the order of the list. */
type ReadRange = (bounds: Bounds) => Promise<readonly MessageId[]>;

/** The messages to find. `set_aside`: those whose delivery to the subscription was skipped or cancelled. */
export interface MessageQuery
  extends Pick<ListMessages, "organizationId" | "subscriptionId" | "eventTypes" | "since" | "until" | "oldestFirst"> {
  readonly status: MessageStatus | "set_aside" | null;
  readonly attempted?: AttemptFilter | null;
  readonly eventId?: string | null;
}

export async function candidatesFor(context: ReadContext, params: MessageQuery): Promise<FindCandidates> {
  const { oldestFirst } = params;
  const ranges = await rangesFor(context, params);
  const since = firstIdAt<"message">(params.since ?? 0);
  const until = lastMessageBound(params);
  return async (cursor, limit) => {
    const after = oldestFirst && cursor !== null && cursor > since ? cursor : since;
    const before = !oldestFirst && cursor !== null && cursor < until ? cursor : until;
    const bounds = { after, before, oldestFirst, limit };
    return merge(await Promise.all(ranges.map((readRange) => readRange(bounds))), bounds);
  };
}

/** A message is accepted before its attempts begin; the slack is for the clocks of different nodes. */
function lastMessageBound({ until, attempted }: MessageQuery): MessageId {
  const attemptedUntil = attempted?.until ?? null;
  const bounds = [until, attemptedUntil === null ? null : attemptedUntil + limits.attemptLastsMsMax];
  const first = Math.min(...bounds.filter((bound) => bound !== null));
  return Number.isFinite(first) ? firstIdAt<"message">(first) : lastId;
}

async function rangesFor(context: ReadContext, params: MessageQuery): Promise<readonly ReadRange[]> {
  const { organizationId, subscriptionId, eventTypes, status, attempted = null, eventId = null } = params;
  if (eventId !== null) return [await withEventId(context, organizationId, eventId)];
  if (attempted !== null) {
    const ids = await attemptedBy(context, await receiversOf(context, params), attempted);
    if (ids !== null) return [among(ids)];
  }
  if (status === "failed") return [failedIn(context, organizationId)];
  if (status === "pending") {
    const lanes =
      subscriptionId === null
        ? await lanesWaiting(context, organizationId, limits.lanesPerListMax + 1)
        : [subscriptionId];
    // If very many lanes have waiting deliveries, the next waiting message is near.
    if (lanes.length <= limits.lanesPerListMax) return lanes.flatMap((lane) => waitingIn(context, lane));
  }
  if (subscriptionId !== null && status === "set_aside") return [setAsideIn(context, subscriptionId)];
  if (subscriptionId !== null) {
    const ids = await attemptedBy(context, [subscriptionId], { statusClass: null, since: null, until: null });
    if (ids !== null) {
      const others =
        status === null ? [...waitingIn(context, subscriptionId), setAsideIn(context, subscriptionId)] : [];
      return [among(ids), ...others];
    }
  }
  return eventTypes === null
    ? [allOf(context, organizationId)]
    : [...new Set(eventTypes)].map((eventType) => ofType(context, organizationId, eventType));
}

async function withEventId({ sql }: ReadContext, organizationId: OrganizationId, eventId: string): Promise<ReadRange> {
  const row = await sql.get<{ id: MessageId }>(
    `select id from message where id = (${sql.dialect.byEventId("?", "?")})`,
    organizationId,
    eventId,
  );
  return among(row === null ? [] : [row.id]);
}

function allOf(context: ReadContext, organizationId: OrganizationId): ReadRange {
  return rangeOf(context, "id", "message where organization_id = ?", [organizationId]);
}

function ofType(context: ReadContext, organizationId: OrganizationId, eventType: string): ReadRange {
  return rangeOf(context, "id", "message where organization_id = ? and event_type = ?", [organizationId, eventType]);
}

function failedIn(context: ReadContext, organizationId: OrganizationId): ReadRange {
  return rangeOf(context, "message_id", "delivery where state = 'failed' and organization_id = ?", [organizationId]);
}

function waitingIn(context: ReadContext, subscriptionId: SubscriptionId): ReadRange[] {
  return ["due", "claimed"].map((state) =>
    rangeOf(context, "message_id", `delivery where state = '${state}' and subscription_id = ?`, [subscriptionId]),
  );
}

function setAsideIn(context: ReadContext, subscriptionId: SubscriptionId): ReadRange {
  const rows = "delivery where state in ('skipped', 'cancelled') and subscription_id = ?";
  return rangeOf(context, "message_id", rows, [subscriptionId]);
}

/** The subscriptions whose attempts a list may show, deleted ones included; null when there are very many. */
async function receiversOf(
  { sql }: ReadContext,
  { organizationId, subscriptionId }: MessageQuery,
): Promise<readonly SubscriptionId[] | null> {
  if (subscriptionId !== null) return [subscriptionId];
  // Each kind has an index.
  const found = await Promise.all(
    ["deleted_at is null", "deleted_at is not null"].map((kind) =>
      sql.all<{ id: SubscriptionId }>(
        `select id from subscription where organization_id = ? and ${kind} limit ?`,
        organizationId,
        limits.lanesPerListMax + 1,
      ),
    ),
  );
  const rows = found.flat();
  return rows.length > limits.lanesPerListMax ? null : rows.map(({ id }) => id);
}

/**
 * The messages with an attempt by these subscriptions in the filter's window, newest first; null when there are too
 * many. Every delivered or failed delivery has been attempted.
 */
async function attemptedBy(
  { sql }: ReadContext,
  subscriptionIds: readonly SubscriptionId[] | null,
  filter: AttemptFilter,
): Promise<readonly MessageId[] | null> {
  if (subscriptionIds === null) return null;
  const failed = isFailure(filter.statusClass) ? "and succeeded = 0" : "";
  const ids = new Set<MessageId>();
  let left: number = limits.attemptsOfRareMax;
  for (const subscriptionId of subscriptionIds) {
    const rows = await sql.all<{ id: MessageId }>(
      `select message_id as id from attempt where subscription_id = ? ${failed} and id > ? and id < ?
         order by attempt.id desc limit ?`,
      subscriptionId,
      ...attemptIdBounds(filter),
      left + 1,
    );
    left -= rows.length;
    if (left < 0) return null;
    for (const { id } of rows) ids.add(id);
  }
  return [...ids].sort().reverse();
}

function among(ids: readonly MessageId[]): ReadRange {
  return async ({ after, before, oldestFirst, limit }) => {
    const within = ids.filter((id) => id > after && id < before);
    return (oldestFirst ? within.toReversed() : within).slice(0, limit);
  };
}

/**
 * One index look-up for each subscription, regardless of its backlog: the first message that waits for it or a later one.
 */
export async function lanesWaiting(
  { sql }: ReadContext,
  organizationId: OrganizationId,
  limit: number,
): Promise<SubscriptionId[]> {
  const hasAny = (state: string) =>
    `(select subscription_id from delivery where state = '${state}' and subscription_id >= subscription.id
      order by subscription_id limit 1) = subscription.id`;
  const rows = await sql.all<{ id: SubscriptionId }>(
    `select id from subscription where organization_id = ? and deleted_at is null
       and (${hasAny("claimed")} or ${hasAny("due")}) order by id limit ?`,
    organizationId,
    limit,
  );
  return rows.map((row) => row.id);
}

/** Rows whose `id` is a message's; the SQL of the bounds follows that of `rows`. */
function rangeOf({ sql }: ReadContext, id: "id" | "message_id", rows: string, values: readonly SqlValue[]): ReadRange {
  return async ({ after, before, oldestFirst, limit }) => {
    const found = await sql.all<{ id: MessageId }>(
      `select ${id} as id from ${rows} and ${id} > ? and ${id} < ? order by ${id} ${oldestFirst ? "" : "desc"} limit ?`,
      ...values,
      after,
      before,
      limit,
    );
    return found.map((row) => row.id);
  };
}

/**
 * A range that returned its full number may have more after its last one, so later candidates of the other ranges must
 * wait.
 */
function merge(found: readonly (readonly MessageId[])[], { oldestFirst, limit }: Bounds): Candidates {
  const ids = [...new Set(found.flat())].sort();
  if (!oldestFirst) ids.reverse();
  const full = found.filter((range) => range.length === limit);
  const ends = full.flatMap((range) => range.slice(-1)).map((last) => ids.indexOf(last) + 1);
  return { ids: ids.slice(0, Math.min(...ends, ids.length)), isEnd: full.length === 0 };
}
