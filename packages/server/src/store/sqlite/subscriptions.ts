import type { SQLInputValue } from "node:sqlite";
import type { Filters } from "../../domain/filters.ts";
import { newHealth } from "../../domain/health.ts";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { DisabledReason, SigningSecret, Subscription, Target } from "../../domain/subscription.ts";
import type { PageOf } from "../store.ts";
import type { SubscriptionChanges, SubscriptionKey } from "../subscription-store.ts";
import type { Reading, Writing } from "./transaction.ts";

interface SubscriptionRow {
  readonly id: SubscriptionId;
  readonly organization_id: OrganizationId;
  readonly url: string;
  readonly event_types: string;
  readonly description: string | null;
  readonly filters: string | null;
  readonly headers: string;
  readonly retry_delays_ms: string | null;
  readonly disabled_reason: DisabledReason | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly recent: string | null;
  readonly failing_since: number | null;
}

const selectSubscription = `select subscription.*, recent, failing_since
  from subscription left join subscription_health on subscription_health.subscription_id = subscription.id`;

// Deliveries of a disabled or deleted subscription that one commit moves; the rest is moved as it is found due.
const movedAtOnce = 10_000;

export function createSubscription(
  writing: Writing,
  { subscription, secret }: { subscription: Subscription; secret: string },
): null {
  const { db, vault } = writing;
  db.run(
    `insert into subscription (id, organization_id, url, event_types, description, filters, headers, retry_delays_ms,
       disabled_reason, created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    subscription.id,
    subscription.organizationId,
    subscription.url,
    JSON.stringify(subscription.eventTypes),
    subscription.description,
    jsonOrNull(subscription.filters),
    vault.seal(JSON.stringify(subscription.headers)),
    jsonOrNull(subscription.retryDelaysMs),
    subscription.disabledReason,
    subscription.createdAt,
    subscription.updatedAt,
  );
  putPatterns(writing, subscription.organizationId, subscription.id, subscription.eventTypes);
  db.run(
    "insert into signing_secret (subscription_id, position, secret, created_at) values (?, 1, ?, ?)",
    subscription.id,
    vault.seal(secret),
    subscription.createdAt,
  );
  writing.subscriptionChanged(subscription.id);
  return null;
}

export function readSubscription(reading: Reading, key: SubscriptionKey): Subscription | null {
  const row = reading.db.get<SubscriptionRow>(
    `${selectSubscription} where subscription.id = ? and organization_id = ? and deleted_at is null`,
    key.subscriptionId,
    key.organizationId,
  );
  return row === null ? null : subscriptionOf(reading, row);
}

export function listSubscriptions(
  reading: Reading,
  { organizationId, cursor, limit }: { organizationId: OrganizationId } & PageOf<SubscriptionId>,
): Subscription[] {
  return reading.db
    .all<SubscriptionRow>(
      `${selectSubscription} where organization_id = ? and deleted_at is null and subscription.id < ?
       order by subscription.id desc limit ?`,
      organizationId,
      cursor ?? "~",
      limit,
    )
    .map((row) => subscriptionOf(reading, row));
}

export function updateSubscription(
  writing: Writing,
  params: SubscriptionKey & { changes: SubscriptionChanges; now: number },
): Subscription | null {
  const { changes, subscriptionId, organizationId, now } = params;
  if (readSubscription(writing, params) === null) return null;
  const columns = changedColumns(writing, changes);
  if (columns.length > 0) {
    writing.db.run(
      `update subscription set updated_at = ?, ${columns.map(([name]) => `${name} = ?`).join(", ")} where id = ?`,
      now,
      ...columns.map(([, value]) => value),
      subscriptionId,
    );
  }
  if (changes.eventTypes !== undefined) putPatterns(writing, organizationId, subscriptionId, changes.eventTypes);
  if (changes.disabledReason === null) restartHealthClock(writing, subscriptionId);
  else if (changes.disabledReason !== undefined) setAsideDeliveries(writing, subscriptionId, "skipped");
  writing.subscriptionChanged(subscriptionId);
  return readSubscription(writing, params);
}

/** Disables a subscription for a reason that the deliveries gave; a reason given before stays. */
export function disableSubscription(
  writing: Writing,
  params: { subscriptionId: SubscriptionId; reason: DisabledReason; now: number },
): void {
  const changed = writing.db.run(
    "update subscription set disabled_reason = ?, updated_at = ? where id = ? and disabled_reason is null and deleted_at is null",
    params.reason,
    params.now,
    params.subscriptionId,
  );
  if (changed === 0) return;
  setAsideDeliveries(writing, params.subscriptionId, "skipped");
  writing.subscriptionChanged(params.subscriptionId);
}

export function deleteSubscription(writing: Writing, params: SubscriptionKey & { now: number }): Subscription | null {
  const { db } = writing;
  const { subscriptionId, now } = params;
  const before = readSubscription(writing, params);
  if (before === null) return null;
  // The row stays for the history of its attempts; what it could be misused for does not.
  db.run(
    "update subscription set deleted_at = ?, headers = ? where id = ?",
    now,
    writing.vault.seal("{}"),
    subscriptionId,
  );
  db.run("delete from signing_secret where subscription_id = ?", subscriptionId);
  db.run("delete from subscription_pattern where subscription_id = ?", subscriptionId);
  db.run("update recovery set status = 'completed' where subscription_id = ? and status = 'running'", subscriptionId);
  setAsideDeliveries(writing, subscriptionId, "cancelled");
  writing.subscriptionChanged(subscriptionId);
  return before;
}

export function readSecrets(reading: Reading, params: SubscriptionKey & { now: number }): SigningSecret[] | null {
  if (readSubscription(reading, params) === null) return null;
  return liveSecrets(reading, params.subscriptionId, params.now);
}

export function rotateSecret(
  writing: Writing,
  params: SubscriptionKey & { secret: string; overlapUntil: number; now: number },
): boolean {
  const { db, vault } = writing;
  const { subscriptionId, now } = params;
  if (readSubscription(writing, params) === null) return false;
  db.run("delete from signing_secret where subscription_id = ? and expires_at <= ?", subscriptionId, now);
  db.run(
    "update signing_secret set expires_at = min(coalesce(expires_at, ?), ?) where subscription_id = ?",
    params.overlapUntil,
    params.overlapUntil,
    subscriptionId,
  );
  db.run(
    `insert into signing_secret (subscription_id, position, secret, created_at)
     select ?, coalesce(max(position), 0) + 1, ?, ? from signing_secret where subscription_id = ?`,
    subscriptionId,
    vault.seal(params.secret),
    now,
    subscriptionId,
  );
  db.run(
    `delete from signing_secret where subscription_id = ? and position <=
       (select max(position) - ? from signing_secret where subscription_id = ?)`,
    subscriptionId,
    limits.secretsLiveMax,
    subscriptionId,
  );
  writing.subscriptionChanged(subscriptionId);
  return true;
}

export function readTarget(
  reading: Reading,
  { subscriptionId, now }: { subscriptionId: SubscriptionId; now: number },
): Target | null {
  const row = reading.db.get<SubscriptionRow>(
    "select * from subscription where id = ? and deleted_at is null and disabled_reason is null",
    subscriptionId,
  );
  if (row === null) return null;
  return {
    subscriptionId,
    url: row.url,
    headers: JSON.parse(reading.vault.open(row.headers)) as Record<string, string>,
    secrets: liveSecrets(reading, subscriptionId, now),
    retryDelaysMs: row.retry_delays_ms === null ? null : (JSON.parse(row.retry_delays_ms) as number[]),
  };
}

function liveSecrets({ db, vault }: Reading, subscriptionId: SubscriptionId, now: number): SigningSecret[] {
  return db
    .all<{ secret: string; created_at: number; expires_at: number | null }>(
      `select secret, created_at, expires_at from signing_secret
       where subscription_id = ? and (expires_at is null or expires_at > ?) order by position desc`,
      subscriptionId,
      now,
    )
    .map((row) => ({ secret: vault.open(row.secret), createdAt: row.created_at, expiresAt: row.expires_at }));
}

function changedColumns({ vault }: Writing, changes: SubscriptionChanges): [string, SQLInputValue][] {
  const columns: [string, SQLInputValue][] = [];
  if (changes.url !== undefined) columns.push(["url", changes.url]);
  if (changes.eventTypes !== undefined) columns.push(["event_types", JSON.stringify(changes.eventTypes)]);
  if (changes.description !== undefined) columns.push(["description", changes.description]);
  if (changes.filters !== undefined) columns.push(["filters", jsonOrNull(changes.filters)]);
  if (changes.headers !== undefined) columns.push(["headers", vault.seal(JSON.stringify(changes.headers))]);
  if (changes.retryDelaysMs !== undefined) columns.push(["retry_delays_ms", jsonOrNull(changes.retryDelaysMs)]);
  if (changes.disabledReason !== undefined) columns.push(["disabled_reason", changes.disabledReason]);
  return columns;
}

function putPatterns(
  { db }: Writing,
  organizationId: OrganizationId,
  subscriptionId: SubscriptionId,
  patterns: readonly string[],
): void {
  db.run("delete from subscription_pattern where subscription_id = ?", subscriptionId);
  for (const pattern of patterns) {
    db.run(
      "insert into subscription_pattern (organization_id, pattern, subscription_id) values (?, ?, ?)",
      organizationId,
      pattern,
      subscriptionId,
    );
  }
}

// Failures from before it was disabled must not disable it again at the first new one.
function restartHealthClock(writing: Writing, subscriptionId: SubscriptionId): void {
  writing.db.run("update subscription_health set failing_since = null where subscription_id = ?", subscriptionId);
  writing.health.delete(subscriptionId);
}

/** Moves what waits for a subscription that gets nothing any more. */
export function setAsideDeliveries(
  { db }: Writing,
  subscriptionId: SubscriptionId,
  state: "skipped" | "cancelled",
): void {
  db.run(
    `update delivery set state = ? where (message_id, subscription_id) in
       (select message_id, subscription_id from delivery where subscription_id = ? and state = 'due' limit ?)`,
    state,
    subscriptionId,
    movedAtOnce,
  );
}

function subscriptionOf({ vault }: Reading, row: SubscriptionRow): Subscription {
  return {
    id: row.id,
    organizationId: row.organization_id,
    url: row.url,
    eventTypes: JSON.parse(row.event_types) as string[],
    description: row.description,
    filters: row.filters === null ? null : (JSON.parse(row.filters) as Filters),
    headers: JSON.parse(vault.open(row.headers)) as Record<string, string>,
    retryDelaysMs: row.retry_delays_ms === null ? null : (JSON.parse(row.retry_delays_ms) as number[]),
    disabledReason: row.disabled_reason,
    health: row.recent === null ? newHealth : { recent: row.recent, failingSince: row.failing_since },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
