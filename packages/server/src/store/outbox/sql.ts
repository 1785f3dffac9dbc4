import type { MessageId, OrganizationId } from "../../domain/id.ts";
import { newMessage } from "../../domain/message.ts";
import type { QueriesOf } from "../operations.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import type { OutboxStore } from "./interface.ts";

export const lookUps = { outboxWaits } satisfies QueriesOf<OutboxStore>;

interface OutboxRow {
  readonly id: MessageId;
  readonly organization_id: OrganizationId;
  readonly event_type: string;
  readonly event_id: string | null;
  readonly payload: string;
  readonly created_at: number;
}

async function outboxWaits({ sql }: ReadContext): Promise<boolean> {
  return (await sql.get("select 1 as waits from outbox limit 1")) !== null;
}

/** This is not among the shared commands, because PostgreSQL runs it in its group commit. */
export async function takeOutbox(context: WriteContext, { limit }: { limit: number }): Promise<number> {
  const { sql } = context;
  const rows = await sql.all<OutboxRow>(
    `select id, organization_id, event_type, event_id, payload, created_at
     from outbox order by id limit ? ${sql.dialect.forUpdateSkipLocked}`,
    limit,
  );
  if (rows.length === 0) return 0;
  // The rows are deleted first, because an event id is in the outbox or belongs to a message, never both.
  await sql.run(`delete from outbox where ${sql.dialect.isOneOf("id")}`, JSON.stringify(rows.map(({ id }) => id)));
  await context.announce(
    rows.map((row) =>
      newMessage({
        id: row.id,
        organizationId: row.organization_id,
        eventType: row.event_type,
        eventId: row.event_id,
        payload: row.payload,
        createdAt: row.created_at,
      }),
    ),
  );
  return rows.length;
}
