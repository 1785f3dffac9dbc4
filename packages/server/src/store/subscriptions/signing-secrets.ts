import type { SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { OperationalEventIds } from "../../domain/operational-event.ts";
import type { NumberedSecret, SigningSecret } from "../../domain/subscription.ts";
import { storeOperationalEvents } from "../operational-events/store-operational-events.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import { lockSubscription } from "./change-subscriptions.ts";
import type { DeliverySettings, SubscriptionKey } from "./interface.ts";
import { readSubscription } from "./read-subscriptions.ts";
import { type SubscriptionRow, type TargetColumns, targetOf } from "./subscription-row.ts";

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
  const { sql, vault } = context;
  const { subscriptionId, now, operationalEventIds } = params;
  if ((await lockSubscription(context, params)) === null) return false;
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
  await context.subscriptionChanged(subscriptionId);
  await storeOperationalEvents(
    context,
    [{ name: "endpoint.updated", id: operationalEventIds[0], subscriptionId }],
    now,
  );
  return true;
}

export async function readDeliverySettings(
  context: ReadContext,
  { subscriptionId, now }: { subscriptionId: SubscriptionId; now: number },
): Promise<DeliverySettings | null> {
  const { vault } = context;
  const row = await context.sql.get<DeliverySettingsRow>(
    `select organization_id, target, url, template, credential, listener_heard_at, headers, retry_delays_ms
     from subscription where id = ? and deleted_at is null and disabled_reason is null`,
    subscriptionId,
  );
  if (row === null) return null;
  return {
    subscriptionId,
    organizationId: row.organization_id,
    target: targetOf(row),
    credential: row.credential === null ? null : vault.open(row.credential),
    headers: JSON.parse(vault.open(row.headers)) as Record<string, string>,
    secrets: await liveSecrets(context, subscriptionId, now),
    retryDelaysMs: row.retry_delays_ms === null ? null : (JSON.parse(row.retry_delays_ms) as number[]),
  };
}

type DeliverySettingsRow = TargetColumns &
  Pick<SubscriptionRow, "organization_id" | "headers" | "retry_delays_ms"> & { readonly credential: string | null };

async function liveSecrets(
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
