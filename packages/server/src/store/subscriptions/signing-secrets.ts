import type { SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { OperationalEventIds } from "../../domain/operational-event.ts";
import type { NumberedSecret, SigningSecret } from "../../domain/subscription.ts";
import { storeOperationalEvents } from "../operational-events/store-operational-events.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import { lockSubscription } from "./change-subscriptions.ts";
import type { DeliverySettings, SubscriptionKey } from "./interface.ts";
import { readSubscription } from "./read-subscriptions.ts";
import { accessOf, type SubscriptionRow, type TargetColumns, targetColumns, targetOf } from "./subscription-row.ts";

export async function readSecrets(
  context: ReadContext,
  params: SubscriptionKey & { now: number },
): Promise<SigningSecret[] | null> {
  if ((await readSubscription(context, params)) === null) return null;
  return await liveSecrets(context, params.subscriptionId, params.now);
}

export async function readKeptSecrets(context: ReadContext, params: SubscriptionKey): Promise<NumberedSecret[]> {
  if ((await readSubscription(context, params)) === null) return [];
  const rows = await context.sql.all<SecretRow & { position: number }>(
    "select position, secret, created_at, expires_at from signing_secret where subscription_id = ?",
    params.subscriptionId,
  );
  return rows.map((row) => ({ ...secretOf(context, row), position: row.position }));
}

export async function rotateSecret(
  context: WriteContext,
  params: SubscriptionKey & {
    secret: string;
    overlapUntil: number;
    now: number;
    operationalEventIds: OperationalEventIds;
  },
): Promise<boolean> {
  const { subscriptionId, now, operationalEventIds } = params;
  if ((await lockSubscription(context, params)) === null) return false;
  await addSecret(context, params);
  await context.subscriptionChanged(subscriptionId);
  await storeOperationalEvents(
    context,
    [{ name: "endpoint.updated", id: operationalEventIds[0], subscriptionId }],
    now,
  );
  return true;
}

/** Adds a secret to a locked subscription. Earlier ones sign until `overlapUntil` at most. */
export async function addSecret(
  { sql, vault }: WriteContext,
  params: { subscriptionId: SubscriptionId; secret: string; overlapUntil: number; now: number },
): Promise<void> {
  const { subscriptionId, now } = params;
  await sql.run("delete from signing_secret where subscription_id = ? and expires_at <= ?", subscriptionId, now);
  await sql.run(
    "update signing_secret set expires_at = ? where subscription_id = ? and (expires_at is null or expires_at > ?)",
    params.overlapUntil,
    subscriptionId,
    params.overlapUntil,
  );
  await sql.run(
    `insert into signing_secret (subscription_id, position, secret, created_at)
     select ?, coalesce(max(position), 0) + 1, ?, ? from signing_secret where subscription_id = ?`,
    subscriptionId,
    vault.seal(params.secret),
    now,
    subscriptionId,
  );
  await sql.run(
    `delete from signing_secret where subscription_id = ? and position <=
       (select max(position) - ? from signing_secret where subscription_id = ?)`,
    subscriptionId,
    limits.secretsLiveMax,
    subscriptionId,
  );
}

export async function readDeliverySettings(
  context: ReadContext,
  { subscriptionId, now }: { subscriptionId: SubscriptionId; now: number },
): Promise<DeliverySettings | null> {
  const { vault } = context;
  const row = await context.sql.get<DeliverySettingsRow>(
    `select organization_id, ${targetColumns}, credential, headers, access, retry_delays_ms, sends_trace_context
     from subscription where id = ? and deleted_at is null and disabled_reason is null
       and (expires_at is null or expires_at > ?)`,
    subscriptionId,
    now,
  );
  if (row === null) return null;
  return {
    subscriptionId,
    organizationId: row.organization_id,
    target: targetOf(row),
    credential: row.credential === null ? null : vault.open(row.credential),
    headers: JSON.parse(vault.open(row.headers)) as Record<string, string>,
    access: accessOf(context, row),
    secrets: await liveSecrets(context, subscriptionId, now),
    retryDelaysMs: row.retry_delays_ms === null ? null : (JSON.parse(row.retry_delays_ms) as number[]),
    sendsTraceContext: row.sends_trace_context === 1,
  };
}

type DeliverySettingsRow = TargetColumns &
  Pick<SubscriptionRow, "organization_id" | "headers" | "access" | "retry_delays_ms" | "sends_trace_context"> & {
    readonly credential: string | null;
  };

export async function liveSecrets(
  context: ReadContext,
  subscriptionId: SubscriptionId,
  now: number,
): Promise<SigningSecret[]> {
  const rows = await context.sql.all<SecretRow>(
    `select secret, created_at, expires_at from signing_secret
       where subscription_id = ? and (expires_at is null or expires_at > ?) order by position desc`,
    subscriptionId,
    now,
  );
  return rows.map((row) => secretOf(context, row));
}

interface SecretRow {
  readonly secret: string;
  readonly created_at: number;
  readonly expires_at: number | null;
}

function secretOf({ vault }: ReadContext, row: SecretRow): SigningSecret {
  return { secret: vault.open(row.secret), createdAt: row.created_at, expiresAt: row.expires_at };
}
