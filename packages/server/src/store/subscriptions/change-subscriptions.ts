import { passesChannels } from "../../domain/channels.ts";
import type { Destination, DestinationKind } from "../../domain/destination.ts";
import { patternsMatching } from "../../domain/event-pattern.ts";
import { newHealth } from "../../domain/health.ts";
import type { HoldBack } from "../../domain/hold-back.ts";
import { firstIdAt, type MessageId, type OrganizationId, type SubscriptionId } from "../../domain/id.ts";
import type { OperationalFact, TellingIds } from "../../domain/operational-event.ts";
import type { DisabledReason, Subscription } from "../../domain/subscription.ts";
import { tellOperators } from "../operational-events/announce-facts.ts";
import type { PageOf } from "../page.ts";
import { hasRoomFor } from "../room-for-more.ts";
import { jsonOrNull, lastId, type Reading, type SqlValue, type Writing } from "../sql.ts";
import { readHoldBacks } from "../throttle-states/sql.ts";
import type { NewSubscription, SubscriptionChanges, SubscriptionKey } from "./interface.ts";

export interface SubscriptionRow {
  readonly id: SubscriptionId;
  readonly organization_id: OrganizationId;
  readonly uid: string | null;
  readonly url: string;
  readonly destination: DestinationKind | null;
  readonly template: string | null;
  readonly event_types: string;
  readonly channels: string | null;
  readonly description: string | null;
  readonly metadata: string;
  readonly filters: string | null;
  readonly headers: string;
  readonly retry_delays_ms: string | null;
  readonly ordered: number;
  readonly rate_limit: number | null;
  readonly disabled_reason: DisabledReason | null;
  readonly disabled_at: number | null;
  readonly listener_heard_at: number | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly recent: string | null;
  readonly failing_since: number | null;
}

export const selectSubscription = `select subscription.*, recent, failing_since
  from subscription left join subscription_health on subscription_health.subscription_id = subscription.id`;

// Deliveries of a disabled or deleted subscription that one commit moves; the rest is moved as it is found due.
const movedAtOnce = 10_000;

export async function createSubscription(
  writing: Writing,
  { subscription, secret, destinationKey = null, tellAs, subscriptionsMax }: NewSubscription,
): Promise<"created" | "uid_taken" | "full"> {
  const { sql, vault } = writing;
  const { organizationId, uid } = subscription;
  const isTaken = uid !== null && (await findSubscription(writing, { organizationId, uid })) !== null;
  if (isTaken) return "uid_taken";
  const others = {
    name: `subscriptions of ${organizationId}`,
    rows: "select 1 from subscription where organization_id = ? and deleted_at is null",
    values: [organizationId],
    max: subscriptionsMax,
  };
  if (!(await hasRoomFor(writing, 1, others))) return "full";
  const made = await sql.run(
    `insert into subscription (id, organization_id, uid, url, destination, template, destination_key,
       event_types, channels, description, metadata, filters, headers,
       retry_delays_ms, ordered, rate_limit, disabled_reason, disabled_at, listener_heard_at, created_at, updated_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    subscription.id,
    subscription.organizationId,
    subscription.uid,
    subscription.url,
    subscription.destination?.kind ?? null,
    subscription.destination?.template ?? null,
    destinationKey === null ? null : vault.seal(destinationKey),
    JSON.stringify(subscription.eventTypes),
    jsonOrNull(subscription.channels),
    subscription.description,
    JSON.stringify(subscription.metadata),
    subscription.filters,
    vault.seal(JSON.stringify(subscription.headers)),
    jsonOrNull(subscription.retryDelaysMs),
    subscription.ordered ? 1 : 0,
    subscription.rateLimit,
    subscription.disabledReason,
    subscription.disabledAt,
    subscription.listenerHeardAt,
    subscription.createdAt,
    subscription.updatedAt,
  );
  if (made === 0) return "uid_taken";
  await putPatterns(writing, subscription.organizationId, subscription.id, subscription.eventTypes);
  await sql.run(
    "insert into signing_secret (subscription_id, position, secret, created_at) values (?, 1, ?, ?)",
    subscription.id,
    vault.seal(secret),
    subscription.createdAt,
  );
  await writing.subscriptionChanged(subscription.id);
  const fact = { name: "endpoint.created", id: tellAs[0], subscriptionId: subscription.id } as const;
  await tellOperators(writing, [fact], subscription.createdAt);
  return "created";
}

export async function readSubscription(reading: Reading, key: SubscriptionKey): Promise<Subscription | null> {
  const row = await reading.sql.get<SubscriptionRow>(
    `${selectSubscription} where subscription.id = ? and organization_id = ? and deleted_at is null`,
    key.subscriptionId,
    key.organizationId,
  );
  if (row === null) return null;
  const holdBackOf = await readHoldBacks(reading, [row.id]);
  return subscriptionOf(reading, row, holdBackOf(row.id));
}

export async function findSubscription(
  reading: Reading,
  { organizationId, uid }: { organizationId: OrganizationId; uid: string },
): Promise<Subscription | null> {
  const row = await reading.sql.get<SubscriptionRow>(
    `${selectSubscription} where organization_id = ? and uid = ? and deleted_at is null`,
    organizationId,
    uid,
  );
  if (row === null) return null;
  const holdBackOf = await readHoldBacks(reading, [row.id]);
  return subscriptionOf(reading, row, holdBackOf(row.id));
}

export async function isWanted(
  { sql }: Reading,
  params: { organizationId: OrganizationId; eventType: string; channels: readonly string[] | null },
): Promise<boolean> {
  const rows = await sql.all<{ channels: string | null }>(
    `select distinct channels from subscription_pattern join subscription on subscription.id = subscription_id
     where subscription_pattern.organization_id = ? and pattern in (${sql.dialect.eachText})
       and deleted_at is null and disabled_reason is null`,
    params.organizationId,
    sql.dialect.textsValue(patternsMatching(params.eventType)),
  );
  return rows.some(({ channels }) =>
    passesChannels(channels === null ? null : (JSON.parse(channels) as string[]), params.channels),
  );
}

export async function listSubscriptions(
  reading: Reading,
  params: { organizationId: OrganizationId; oldestFirst: boolean } & PageOf<SubscriptionId>,
): Promise<Subscription[]> {
  const { organizationId, oldestFirst, cursor, limit } = params;
  const rows = await reading.sql.all<SubscriptionRow>(
    `${selectSubscription} where organization_id = ? and deleted_at is null and subscription.id ${oldestFirst ? ">" : "<"} ?
       order by subscription.id ${oldestFirst ? "" : "desc"} limit ?`,
    organizationId,
    cursor ?? (oldestFirst ? firstIdAt<"subscription">(0) : lastId),
    limit,
  );
  const holdBackOf = await readHoldBacks(
    reading,
    rows.map((row) => row.id),
  );
  return rows.map((row) => subscriptionOf(reading, row, holdBackOf(row.id)));
}

export async function updateSubscription(
  writing: Writing,
  params: SubscriptionKey & { changes: SubscriptionChanges; now: number; tellAs: TellingIds },
): Promise<Subscription | "uid_taken" | "not_found"> {
  const { changes, subscriptionId, organizationId, now } = params;
  const locked = await lockSubscription(writing, params);
  if (locked === null) return "not_found";
  if (await uidIsTaken(writing, params, changes.uid ?? null)) return "uid_taken";
  const columns = changedColumns(writing, changes, locked.disabled_reason === null ? now : locked.disabled_at);
  if (columns.length > 0) {
    await writing.sql.run(
      `update subscription set updated_at = ?, ${columns.map(([name]) => `${name} = ?`).join(", ")} where id = ?`,
      now,
      ...columns.map(([, value]) => value),
      subscriptionId,
    );
  }
  if (changes.eventTypes !== undefined) await putPatterns(writing, organizationId, subscriptionId, changes.eventTypes);
  if (changes.disabledReason === null) await restartHealthClock(writing, subscriptionId);
  else if (changes.disabledReason !== undefined) await setAsideDeliveries(writing, [subscriptionId], "skipped");
  await writing.subscriptionChanged(subscriptionId);
  const [updatedId, switchedId] = params.tellAs;
  const switched = switchOf(locked.disabled_reason, changes.disabledReason);
  const facts: OperationalFact[] = [{ name: "endpoint.updated", id: updatedId, subscriptionId }];
  if (switched !== null) facts.push({ ...switched, id: switchedId, subscriptionId });
  await tellOperators(writing, facts, now);
  return (await readSubscription(writing, params)) ?? "not_found";
}

/** Whether a change by hand enables or disables what was otherwise before. */
function switchOf(before: DisabledReason | null, after: DisabledReason | null | undefined) {
  if (after === undefined || (before === null) === (after === null)) return null;
  if (after === null) return { name: "endpoint.enabled" } as const;
  return { name: "endpoint.disabled", trigger: "manual", failingSince: null } as const;
}

async function uidIsTaken(writing: Writing, key: SubscriptionKey, uid: string | null): Promise<boolean> {
  if (uid === null) return false;
  const known = await findSubscription(writing, { organizationId: key.organizationId, uid });
  return known !== null && known.id !== key.subscriptionId;
}

export type Locked = Pick<SubscriptionRow, "disabled_reason" | "disabled_at">;

/** Nobody else changes it until the commit. */
export async function lockSubscription({ sql }: Writing, key: SubscriptionKey): Promise<Locked | null> {
  return await sql.get<Locked>(
    `select disabled_reason, disabled_at from subscription
     where id = ? and organization_id = ? and deleted_at is null ${sql.dialect.forUpdate}`,
    key.subscriptionId,
    key.organizationId,
  );
}

/** Disables a subscription for a reason that the deliveries gave; a reason given before stays. Answers what is to be told of it. */
export async function disableSubscription(
  writing: Writing,
  params: {
    subscriptionId: SubscriptionId;
    reason: DisabledReason;
    failingSince: number | null;
    now: number;
    tellAs: MessageId;
  },
): Promise<OperationalFact[]> {
  const changed = await writing.sql.run(
    `update subscription set disabled_reason = ?, disabled_at = ?, updated_at = ?
     where id = ? and disabled_reason is null and deleted_at is null`,
    params.reason,
    params.now,
    params.now,
    params.subscriptionId,
  );
  if (changed === 0) return [];
  await setAsideDeliveries(writing, [params.subscriptionId], "skipped");
  await writing.subscriptionChanged(params.subscriptionId);
  const { subscriptionId, failingSince, tellAs } = params;
  return [{ name: "endpoint.disabled", id: tellAs, subscriptionId, trigger: "automatic", failingSince }];
}

export async function deleteSubscription(
  writing: Writing,
  params: SubscriptionKey & { now: number; tellAs: TellingIds },
): Promise<Subscription | null> {
  const { sql } = writing;
  const { subscriptionId, now, tellAs } = params;
  if ((await lockSubscription(writing, params)) === null) return null;
  const before = await readSubscription(writing, params);
  // The row stays for the history of its attempts; what it could be misused for does not.
  await sql.run(
    "update subscription set deleted_at = ?, headers = ?, destination_key = null where id = ?",
    now,
    writing.vault.seal("{}"),
    subscriptionId,
  );
  await sql.run("delete from signing_secret where subscription_id = ?", subscriptionId);
  await sql.run("delete from subscription_pattern where subscription_id = ?", subscriptionId);
  await sql.run(
    "update recovery set status = 'failed', updated_at = ? where subscription_id = ? and status in ('running', 'paused')",
    now,
    subscriptionId,
  );
  await setAsideDeliveries(writing, [subscriptionId], "cancelled");
  await writing.subscriptionChanged(subscriptionId);
  await tellOperators(writing, [{ name: "endpoint.deleted", id: tellAs[0], subscriptionId }], now);
  return before;
}

function changedColumns(
  { vault }: Writing,
  changes: SubscriptionChanges,
  disabledAt: number | null,
): [string, SqlValue][] {
  const columns: [string, SqlValue][] = [];
  if (changes.uid !== undefined) columns.push(["uid", changes.uid]);
  if (changes.url !== undefined) columns.push(["url", changes.url]);
  if (changes.template !== undefined) columns.push(["template", changes.template]);
  if (changes.destinationKey !== undefined) columns.push(["destination_key", vault.seal(changes.destinationKey)]);
  if (changes.eventTypes !== undefined) columns.push(["event_types", JSON.stringify(changes.eventTypes)]);
  if (changes.channels !== undefined) columns.push(["channels", jsonOrNull(changes.channels)]);
  if (changes.description !== undefined) columns.push(["description", changes.description]);
  if (changes.metadata !== undefined) columns.push(["metadata", JSON.stringify(changes.metadata)]);
  if (changes.filters !== undefined) columns.push(["filters", changes.filters]);
  if (changes.headers !== undefined) columns.push(["headers", vault.seal(JSON.stringify(changes.headers))]);
  if (changes.retryDelaysMs !== undefined) columns.push(["retry_delays_ms", jsonOrNull(changes.retryDelaysMs)]);
  if (changes.ordered !== undefined) columns.push(["ordered", changes.ordered ? 1 : 0]);
  if (changes.rateLimit !== undefined) columns.push(["rate_limit", changes.rateLimit]);
  if (changes.disabledReason !== undefined) {
    columns.push(["disabled_reason", changes.disabledReason]);
    columns.push(["disabled_at", changes.disabledReason === null ? null : disabledAt]);
  }
  return columns;
}

async function putPatterns(
  { sql }: Writing,
  organizationId: OrganizationId,
  subscriptionId: SubscriptionId,
  patterns: readonly string[],
): Promise<void> {
  await sql.run("delete from subscription_pattern where subscription_id = ?", subscriptionId);
  await sql.runEach(
    "insert into subscription_pattern (organization_id, pattern, subscription_id) values (?, ?, ?)",
    patterns.map((pattern) => [organizationId, pattern, subscriptionId]),
  );
}

// Failures from before it was disabled must not disable it again at the first new one.
async function restartHealthClock(writing: Writing, subscriptionId: SubscriptionId): Promise<void> {
  await writing.sql.run(
    "update subscription_health set failing_since = null where subscription_id = ?",
    subscriptionId,
  );
}

/** Moves what waits for subscriptions that get nothing any more. */
export async function setAsideDeliveries(
  { sql }: Writing,
  subscriptionIds: readonly SubscriptionId[],
  state: "skipped" | "cancelled",
): Promise<void> {
  if (subscriptionIds.length === 0) return;
  await sql.run(
    `update delivery set state = ? where (message_id, subscription_id) in
       (select message_id, subscription_id from delivery
        where subscription_id in (${sql.dialect.eachId}) and state = 'due' limit ?)
       and state = 'due'`,
    state,
    JSON.stringify(subscriptionIds),
    movedAtOnce,
  );
}

export function subscriptionOf({ vault }: Reading, row: SubscriptionRow, holdBack: HoldBack | null): Subscription {
  return {
    id: row.id,
    organizationId: row.organization_id,
    uid: row.uid,
    url: row.url,
    destination: destinationOf(row),
    eventTypes: JSON.parse(row.event_types) as string[],
    channels: row.channels === null ? null : (JSON.parse(row.channels) as string[]),
    description: row.description,
    metadata: JSON.parse(row.metadata) as Record<string, string>,
    filters: row.filters,
    headers: JSON.parse(vault.open(row.headers)) as Record<string, string>,
    retryDelaysMs: row.retry_delays_ms === null ? null : (JSON.parse(row.retry_delays_ms) as number[]),
    ordered: row.ordered === 1,
    rateLimit: row.rate_limit,
    disabledReason: row.disabled_reason,
    disabledAt: row.disabled_at,
    health: row.recent === null ? newHealth : { recent: row.recent, failingSince: row.failing_since },
    holdBack,
    listenerHeardAt: row.listener_heard_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function destinationOf(row: Pick<SubscriptionRow, "destination" | "template">): Destination | null {
  return row.destination === null ? null : { kind: row.destination, template: row.template };
}
