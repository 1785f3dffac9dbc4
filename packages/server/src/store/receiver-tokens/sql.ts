import type { SubscriptionId } from "../../domain/id.ts";
import type { ReceiverToken } from "../../domain/receiver-access.ts";
import type { CommandsOf, QueriesOf } from "../operations.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import type { ReceiverTokenStore } from "./interface.ts";

export const lookUps = { readReceiverToken } satisfies QueriesOf<ReceiverTokenStore>;

export const commands = {
  claimTokenRenewal,
  putReceiverToken,
  releaseTokenRenewal,
} satisfies CommandsOf<ReceiverTokenStore>;

interface TokenRow {
  readonly token: string | null;
  readonly obtained_at: number | null;
  readonly expires_at: number | null;
}

async function readReceiverToken(
  { sql, vault }: ReadContext,
  { subscriptionId }: { subscriptionId: SubscriptionId },
): Promise<ReceiverToken | null> {
  const row = await sql.get<TokenRow>(
    "select token, obtained_at, expires_at from receiver_token where subscription_id = ?",
    subscriptionId,
  );
  if (row === null || row.token === null) return null;
  return { value: vault.open(row.token), obtainedAt: row.obtained_at ?? 0, expiresAt: row.expires_at ?? 0 };
}

async function claimTokenRenewal(
  { sql }: WriteContext,
  params: { subscriptionId: SubscriptionId; obtainedAt: number | null; now: number; until: number },
): Promise<boolean> {
  const { subscriptionId, obtainedAt, now, until } = params;
  const changed = await sql.run(
    `insert into receiver_token (subscription_id, renewing_until)
     select id, ? from subscription where id = ? and deleted_at is null
     on conflict (subscription_id) do update set renewing_until = excluded.renewing_until
       where (receiver_token.renewing_until is null or receiver_token.renewing_until <= ?)
         and receiver_token.obtained_at is not distinct from ?`,
    until,
    subscriptionId,
    now,
    obtainedAt,
  );
  return changed > 0;
}

async function putReceiverToken(
  { sql, vault }: WriteContext,
  { subscriptionId, token }: { subscriptionId: SubscriptionId; token: ReceiverToken },
): Promise<boolean> {
  const changed = await sql.run(
    `update receiver_token set token = ?, obtained_at = ?, expires_at = ?, renewing_until = null
     where subscription_id = ? and renewing_until is not null`,
    vault.seal(token.value),
    token.obtainedAt,
    token.expiresAt,
    subscriptionId,
  );
  return changed > 0;
}

async function releaseTokenRenewal(
  { sql }: WriteContext,
  { subscriptionId }: { subscriptionId: SubscriptionId },
): Promise<null> {
  await sql.run("update receiver_token set renewing_until = null where subscription_id = ?", subscriptionId);
  return null;
}
