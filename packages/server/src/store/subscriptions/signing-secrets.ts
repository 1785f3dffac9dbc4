import type { OpenDestination } from "../../domain/destination.ts";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { TellingIds } from "../../domain/operational-event.ts";
import type { NumberedSecret, SigningSecret, Target } from "../../domain/subscription.ts";
import { tellOperators } from "../operational-events/announce-facts.ts";
import type { Reading, Writing } from "../sql.ts";
import { lockSubscription } from "./change-subscriptions.ts";
import type { SubscriptionKey } from "./interface.ts";
import { readSubscription } from "./read-subscriptions.ts";
import { destinationOf, type SubscriptionRow } from "./subscription-row.ts";

export async function readSecrets(
  reading: Reading,
  params: SubscriptionKey & { now: number },
): Promise<SigningSecret[] | null> {
  if ((await readSubscription(reading, params)) === null) return null;
  return await liveSecrets(reading, params.subscriptionId, params.now);
}

export async function readKeptSecrets(reading: Reading, params: SubscriptionKey): Promise<NumberedSecret[]> {
  if ((await readSubscription(reading, params)) === null) return [];
  const rows = await reading.sql.all<SecretRow & { position: number }>(
    "select position, secret, created_at, expires_at from signing_secret where subscription_id = ?",
    params.subscriptionId,
  );
  return rows.map((row) => ({ ...secretOf(reading, row), position: row.position }));
}

export async function rotateSecret(
  writing: Writing,
  params: SubscriptionKey & { secret: string; overlapUntil: number; now: number; tellAs: TellingIds },
): Promise<boolean> {
  const { sql, vault } = writing;
  const { subscriptionId, now, tellAs } = params;
  if ((await lockSubscription(writing, params)) === null) return false;
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
  await writing.subscriptionChanged(subscriptionId);
  await tellOperators(writing, [{ name: "endpoint.updated", id: tellAs[0], subscriptionId }], now);
  return true;
}

export async function readTarget(
  reading: Reading,
  { subscriptionId, now }: { subscriptionId: SubscriptionId; now: number },
): Promise<Target | null> {
  const row = await reading.sql.get<TargetRow>(
    "select organization_id, url, destination, template, destination_key, headers, retry_delays_ms from subscription where id = ? and deleted_at is null and disabled_reason is null",
    subscriptionId,
  );
  if (row === null) return null;
  return {
    subscriptionId,
    organizationId: row.organization_id as OrganizationId,
    url: row.url,
    destination: openDestination(reading, row),
    headers: JSON.parse(reading.vault.open(row.headers)) as Record<string, string>,
    secrets: await liveSecrets(reading, subscriptionId, now),
    retryDelaysMs: row.retry_delays_ms === null ? null : (JSON.parse(row.retry_delays_ms) as number[]),
  };
}

type TargetRow = Pick<
  SubscriptionRow,
  "organization_id" | "url" | "destination" | "template" | "headers" | "retry_delays_ms"
> & {
  readonly destination_key: string | null;
};

function openDestination({ vault }: Reading, row: TargetRow): OpenDestination | null {
  const destination = destinationOf(row);
  if (destination === null) return null;
  return { ...destination, key: row.destination_key === null ? null : vault.open(row.destination_key) };
}

async function liveSecrets(reading: Reading, subscriptionId: SubscriptionId, now: number): Promise<SigningSecret[]> {
  const rows = await reading.sql.all<SecretRow>(
    `select secret, created_at, expires_at from signing_secret
       where subscription_id = ? and (expires_at is null or expires_at > ?) order by position desc`,
    subscriptionId,
    now,
  );
  return rows.map((row) => secretOf(reading, row));
}

interface SecretRow {
  readonly secret: string;
  readonly created_at: number;
  readonly expires_at: number | null;
}

function secretOf({ vault }: Reading, row: SecretRow): SigningSecret {
  return { secret: vault.open(row.secret), createdAt: row.created_at, expiresAt: row.expires_at };
}
