import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { OperationalEventIds, OperationalFact } from "../../domain/operational-event.ts";
import { hasAccess, type ReceiverAccess } from "../../domain/receiver-access.ts";
import type { DisabledReason, Subscription } from "../../domain/subscription.ts";
import { isAlert } from "../../domain/target.ts";
import { setAsideDeliveries } from "../deliveries/set-aside-deliveries.ts";
import { storeOperationalEvents } from "../operational-events/store-operational-events.ts";
import { hasRoomFor } from "../room-for-more.ts";
import { jsonOrNull, type SqlValue, type WriteContext } from "../sql.ts";
import type { NewSubscription, SubscriptionChanges, SubscriptionKey } from "./interface.ts";
import { findSubscription, readSubscription } from "./read-subscriptions.ts";
import type { SubscriptionRow } from "./subscription-row.ts";

export async function createSubscription(
  context: WriteContext,
  { subscription, secret, credential = null, operationalEventIds, subscriptionsMax }: NewSubscription,
): Promise<"created" | "uid_taken" | "full"> {
  const { organizationId, uid } = subscription;
  const isTaken = uid !== null && (await findSubscription(context, { organizationId, uid })) !== null;
  if (isTaken) return "uid_taken";
  const others = {
    name: `subscriptions of ${organizationId}`,
    rows: "select 1 from subscription where organization_id = ? and deleted_at is null and target <> 'mcp'",
    values: [organizationId],
    max: subscriptionsMax,
  };
  if (!(await hasRoomFor(context, 1, others))) return "full";
  return (await insertSubscription(context, { subscription, secret, credential, operationalEventIds }))
    ? "created"
    : "uid_taken";
}

/** Stores a subscription with its first secret. False if its uid is taken. */
export async function insertSubscription(
  context: WriteContext,
  { subscription, secret, credential = null, operationalEventIds }: Omit<NewSubscription, "subscriptionsMax">,
): Promise<boolean> {
  const { sql, vault } = context;
  const { target } = subscription;
  const made = await sql.run(
    `insert into subscription (id, organization_id, uid, target, url, template, credential,
       event_types, channels, description, metadata, filters, headers, access, certificate_expires_at,
       retry_delays_ms, ordered, rate_limit, sends_trace_context, version, disabled_reason, disabled_at, listener_heard_at,
       mcp_id, mcp_principal, mcp_key_id, mcp_arguments, expires_at, created_at, updated_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    subscription.id,
    subscription.organizationId,
    subscription.uid,
    target.kind,
    target.url,
    isAlert(target) ? target.template : null,
    credential === null ? null : vault.seal(credential),
    JSON.stringify(subscription.eventTypes),
    jsonOrNull(subscription.channels),
    subscription.description,
    JSON.stringify(subscription.metadata),
    subscription.filters,
    vault.seal(JSON.stringify(subscription.headers)),
    sealedAccess(context, subscription.access),
    subscription.access.clientCertificate?.expiresAt ?? null,
    jsonOrNull(subscription.retryDelaysMs),
    subscription.ordered ? 1 : 0,
    subscription.rateLimit,
    subscription.sendsTraceContext ? 1 : 0,
    subscription.version,
    subscription.disabledReason,
    subscription.disabledAt,
    target.kind === "listener" ? target.heardAt : null,
    ...(target.kind === "mcp"
      ? [target.mcpId, target.principal, target.keyId, target.arguments, target.expiresAt]
      : [null, null, null, null, null]),
    subscription.createdAt,
    subscription.updatedAt,
  );
  if (made === 0) return false;
  await putPatterns(context, subscription.organizationId, subscription.id, subscription.eventTypes);
  await sql.run(
    "insert into signing_secret (subscription_id, position, secret, created_at) values (?, 1, ?, ?)",
    subscription.id,
    vault.seal(secret),
    subscription.createdAt,
  );
  await context.subscriptionChanged(subscription.id);
  const fact = { name: "endpoint.created", id: operationalEventIds[0], subscriptionId: subscription.id } as const;
  await storeOperationalEvents(context, [fact], subscription.createdAt);
  return true;
}

export async function updateSubscription(
  context: WriteContext,
  params: SubscriptionKey & { changes: SubscriptionChanges; now: number; operationalEventIds: OperationalEventIds },
): Promise<Subscription | "uid_taken" | "not_found"> {
  const { changes, subscriptionId, organizationId, now } = params;
  const locked = await lockSubscription(context, params);
  if (locked === null) return "not_found";
  if (await uidIsTaken(context, params, changes.uid ?? null)) return "uid_taken";
  const columns = changedColumns(context, changes, locked.disabled_reason === null ? now : locked.disabled_at);
  if (columns.length > 0) {
    await context.sql.run(
      `update subscription set updated_at = ?, ${columns.map(([name]) => `${name} = ?`).join(", ")} where id = ?`,
      now,
      ...columns.map(([, value]) => value),
      subscriptionId,
    );
  }
  if (changes.access !== undefined) await forgetToken(context, subscriptionId);
  if (changes.eventTypes !== undefined) await putPatterns(context, organizationId, subscriptionId, changes.eventTypes);
  if (changes.disabledReason === null) await restartHealthClock(context, subscriptionId);
  else if (changes.disabledReason !== undefined) await setAsideDeliveries(context, [subscriptionId], "skipped");
  await context.subscriptionChanged(subscriptionId);
  const [updatedId, switchedId] = params.operationalEventIds;
  const switched = switchOf(locked.disabled_reason, changes.disabledReason);
  const facts: OperationalFact[] = [{ name: "endpoint.updated", id: updatedId, subscriptionId }];
  if (switched !== null) facts.push({ ...switched, id: switchedId, subscriptionId });
  await storeOperationalEvents(context, facts, now);
  return (await readSubscription(context, params)) ?? "not_found";
}

/** Whether a manual change enables a disabled subscription or disables an enabled one. */
function switchOf(before: DisabledReason | null, after: DisabledReason | null | undefined) {
  if (after === undefined || (before === null) === (after === null)) return null;
  if (after === null) return { name: "endpoint.enabled" } as const;
  return { name: "endpoint.disabled", trigger: "manual", failingSince: null } as const;
}

async function uidIsTaken(context: WriteContext, key: SubscriptionKey, uid: string | null): Promise<boolean> {
  if (uid === null) return false;
  const known = await findSubscription(context, { organizationId: key.organizationId, uid });
  return known !== null && known.id !== key.subscriptionId;
}

export type Locked = Pick<SubscriptionRow, "disabled_reason" | "disabled_at">;

/** Locks a subscription until the commit. */
export async function lockSubscription({ sql }: WriteContext, key: SubscriptionKey): Promise<Locked | null> {
  return await sql.get<Locked>(
    `select disabled_reason, disabled_at from subscription
     where id = ? and organization_id = ? and deleted_at is null ${sql.dialect.forUpdate}`,
    key.subscriptionId,
    key.organizationId,
  );
}

/** Disables a subscription because of its deliveries; an earlier reason stays. Returns the facts to announce. */
export async function disableSubscription(
  context: WriteContext,
  params: {
    subscriptionId: SubscriptionId;
    reason: DisabledReason;
    failingSince: number | null;
    now: number;
    operationalEventId: MessageId;
  },
): Promise<OperationalFact[]> {
  const changed = await context.sql.run(
    `update subscription set disabled_reason = ?, disabled_at = ?, updated_at = ?
     where id = ? and disabled_reason is null and deleted_at is null`,
    params.reason,
    params.now,
    params.now,
    params.subscriptionId,
  );
  if (changed === 0) return [];
  await setAsideDeliveries(context, [params.subscriptionId], "skipped");
  await context.subscriptionChanged(params.subscriptionId);
  const { subscriptionId, failingSince, operationalEventId } = params;
  return [{ name: "endpoint.disabled", id: operationalEventId, subscriptionId, trigger: "automatic", failingSince }];
}

export async function deleteSubscription(
  context: WriteContext,
  params: SubscriptionKey & { now: number; operationalEventIds: OperationalEventIds },
): Promise<Subscription | null> {
  const { sql } = context;
  const { subscriptionId, now, operationalEventIds } = params;
  if ((await lockSubscription(context, params)) === null) return null;
  const before = await readSubscription(context, params);
  // The row stays for the history of its attempts; its secrets and credentials are removed.
  await sql.run(
    "update subscription set deleted_at = ?, headers = ?, credential = null, access = null where id = ?",
    now,
    context.vault.seal("{}"),
    subscriptionId,
  );
  await sql.run("delete from signing_secret where subscription_id = ?", subscriptionId);
  await forgetToken(context, subscriptionId);
  await sql.run("delete from subscription_pattern where subscription_id = ?", subscriptionId);
  await sql.run(
    "update recovery set status = 'failed', updated_at = ? where subscription_id = ? and status in ('running', 'paused')",
    now,
    subscriptionId,
  );
  await setAsideDeliveries(context, [subscriptionId], "cancelled");
  await context.subscriptionChanged(subscriptionId);
  await storeOperationalEvents(
    context,
    [{ name: "endpoint.deleted", id: operationalEventIds[0], subscriptionId }],
    now,
  );
  return before;
}

function changedColumns(
  { vault }: WriteContext,
  changes: SubscriptionChanges,
  disabledAt: number | null,
): [string, SqlValue][] {
  const columns: [string, SqlValue][] = [];
  if (changes.uid !== undefined) columns.push(["uid", changes.uid]);
  if (changes.url !== undefined) columns.push(["url", changes.url]);
  if (changes.template !== undefined) columns.push(["template", changes.template]);
  if (changes.credential !== undefined) columns.push(["credential", vault.seal(changes.credential)]);
  if (changes.eventTypes !== undefined) columns.push(["event_types", JSON.stringify(changes.eventTypes)]);
  if (changes.channels !== undefined) columns.push(["channels", jsonOrNull(changes.channels)]);
  if (changes.description !== undefined) columns.push(["description", changes.description]);
  if (changes.metadata !== undefined) columns.push(["metadata", JSON.stringify(changes.metadata)]);
  if (changes.filters !== undefined) columns.push(["filters", changes.filters]);
  if (changes.headers !== undefined) columns.push(["headers", vault.seal(JSON.stringify(changes.headers))]);
  if (changes.access !== undefined) {
    columns.push(["access", sealedAccess({ vault }, changes.access)]);
    columns.push(["certificate_expires_at", changes.access.clientCertificate?.expiresAt ?? null]);
    columns.push(["certificate_announced_at", null]);
  }
  if (changes.retryDelaysMs !== undefined) columns.push(["retry_delays_ms", jsonOrNull(changes.retryDelaysMs)]);
  if (changes.ordered !== undefined) columns.push(["ordered", changes.ordered ? 1 : 0]);
  if (changes.rateLimit !== undefined) columns.push(["rate_limit", changes.rateLimit]);
  if (changes.sendsTraceContext !== undefined) columns.push(["sends_trace_context", changes.sendsTraceContext ? 1 : 0]);
  if (changes.version !== undefined) columns.push(["version", changes.version]);
  if (changes.disabledReason !== undefined) {
    columns.push(["disabled_reason", changes.disabledReason]);
    columns.push(["disabled_at", changes.disabledReason === null ? null : disabledAt]);
  }
  return columns;
}

async function forgetToken({ sql }: WriteContext, subscriptionId: SubscriptionId): Promise<void> {
  await sql.run("delete from receiver_token where subscription_id = ?", subscriptionId);
}

function sealedAccess({ vault }: Pick<WriteContext, "vault">, access: ReceiverAccess): string | null {
  return hasAccess(access) ? vault.seal(JSON.stringify(access)) : null;
}

async function putPatterns(
  { sql }: WriteContext,
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

// Failures from before it was disabled must not disable it again at its first new failure.
async function restartHealthClock(context: WriteContext, subscriptionId: SubscriptionId): Promise<void> {
  await context.sql.run(
    "update subscription_health set failing_since = null where subscription_id = ?",
    subscriptionId,
  );
}
