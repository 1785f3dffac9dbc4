import type { MessageId, SubscriptionId } from "../../domain/id.ts";
import { storeOperationalEvents } from "../operational-events/store-operational-events.ts";
import type { ReadContext, WriteContext } from "../sql.ts";

export async function findExpiringCertificates(
  { sql }: ReadContext,
  { before, limit }: { before: number; limit: number },
): Promise<SubscriptionId[]> {
  const rows = await sql.all<{ id: SubscriptionId }>(
    `select id from subscription
     where certificate_expires_at <= ? and certificate_announced_at is null and deleted_at is null
     order by certificate_expires_at limit ?`,
    before,
    limit,
  );
  return rows.map(({ id }) => id);
}

export async function announceExpiringCertificate(
  context: WriteContext,
  params: { subscriptionId: SubscriptionId; before: number; now: number; operationalEventId: MessageId },
): Promise<boolean> {
  const { sql } = context;
  const { subscriptionId, before, now, operationalEventId } = params;
  const row = await sql.get<{ expiresAt: number }>(
    `update subscription set certificate_announced_at = ?
     where id = ? and certificate_expires_at <= ? and certificate_announced_at is null and deleted_at is null
     returning certificate_expires_at as "expiresAt"`,
    now,
    subscriptionId,
    before,
  );
  if (row === null) return false;
  const { expiresAt } = row;
  const fact = { name: "endpoint.certificate_expiring", id: operationalEventId, subscriptionId, expiresAt } as const;
  await storeOperationalEvents(context, [fact], now);
  return true;
}
