import type { MessageId, OrganizationId } from "../../domain/id.ts";
import type { WriteContext } from "../sql.ts";
import { readMessage } from "./read-messages.ts";

export async function deletePayload(
  context: WriteContext,
  { organizationId, messageId, now }: { organizationId: OrganizationId; messageId: MessageId; now: number },
): Promise<"deleted" | "already_deleted" | "not_found"> {
  const message = await readMessage(context, { organizationId, messageId });
  if (message === null) return "not_found";
  if (message.payloadDeletedAt !== null) return "already_deleted";
  await deletePayloads(context, [messageId], now);
  return "deleted";
}

export async function deleteExpiredPayloads(
  context: WriteContext,
  { now, limit }: { now: number; limit: number },
): Promise<number> {
  const rows = await context.sql.all<{ id: MessageId }>(
    "select id from message where payload_until <= ? order by payload_until limit ?",
    now,
    limit,
  );
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0) await deletePayloads(context, ids, now);
  return ids.length;
}

// Claimed deliveries are being sent. If one must be retried, its next claim finds no payload and cancels it.
export async function deletePayloads({ sql }: WriteContext, ids: readonly MessageId[], now: number): Promise<void> {
  await sql.run(
    `update message set payload = '', payload_deleted_at = ?, payload_until = null where ${sql.dialect.isOneOf("id")}`,
    now,
    JSON.stringify(ids),
  );
  await sql.run(
    `update delivery set state = 'cancelled' where ${sql.dialect.isOneOf("message_id")} and state = 'due'`,
    JSON.stringify(ids),
  );
}
