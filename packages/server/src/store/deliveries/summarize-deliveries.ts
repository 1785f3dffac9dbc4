import type { DeliveryState } from "../../domain/delivery.ts";
import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { ReadContext } from "../sql.ts";
import type { DeliverySummary } from "./interface.ts";

interface SummaryRow {
  readonly message_id: MessageId;
  readonly subscription_id: SubscriptionId;
  readonly url: string;
  readonly state: DeliveryState;
}

interface NewestAttemptRow {
  readonly message_id: MessageId;
  readonly subscription_id: SubscriptionId;
  readonly response_status: number | null;
  readonly error: string | null;
}

const failedFirst =
  "case state when 'failed' then 0 when 'due' then 1 when 'claimed' then 1 when 'skipped' then 2 else 3 end";

export async function summarizeDeliveries(
  { sql }: ReadContext,
  params: { organizationId: OrganizationId; messageIds: readonly MessageId[]; perMessageMax: number },
): Promise<DeliverySummary[]> {
  const { organizationId, messageIds, perMessageMax } = params;
  if (messageIds.length === 0) return [];
  const sorted = messageIds.toSorted();
  const ids = JSON.stringify(sorted);
  const rows = await sql.all<SummaryRow>(
    // The bounds say which partitions to look into.
    `select message_id, subscription_id, url, state from (
       select message_id, subscription_id, state,
         row_number() over (partition by message_id order by ${failedFirst}, subscription_id) as place
       from delivery
       where message_id >= ? and message_id <= ? and ${sql.dialect.isOneOf("message_id")} and organization_id = ?) as ranked
     join subscription on subscription.id = subscription_id where place <= ? order by message_id, place`,
    sorted[0] ?? "",
    sorted.at(-1) ?? "",
    ids,
    organizationId,
    perMessageMax,
  );
  const newest = await newestAttempts({ sql }, rows);
  return rows.map((row) => {
    const { response_status: responseStatus = null, error = null } = newest.get(keyOf(row)) ?? {};
    const { message_id: messageId, subscription_id: subscriptionId, url, state } = row;
    return { messageId, subscriptionId, url, state, responseStatus, error };
  });
}

async function newestAttempts(
  { sql }: Pick<ReadContext, "sql">,
  summaries: readonly SummaryRow[],
): Promise<ReadonlyMap<string, NewestAttemptRow>> {
  if (summaries.length === 0) return new Map();
  const rows = await sql.all<NewestAttemptRow>(
    `select message_id, subscription_id, response_status, error from (
       select message_id, subscription_id, response_status, error,
         row_number() over (partition by message_id, subscription_id order by id desc) as place
       from attempt where ${sql.dialect.isOneOf("message_id")} and ${sql.dialect.isOneOf("subscription_id")}) as ranked
     where place = 1`,
    JSON.stringify([...new Set(summaries.map(({ message_id }) => message_id))]),
    JSON.stringify([...new Set(summaries.map(({ subscription_id }) => subscription_id))]),
  );
  return new Map(rows.map((row) => [keyOf(row), row]));
}

function keyOf({ message_id, subscription_id }: Pick<SummaryRow, "message_id" | "subscription_id">): string {
  return `${message_id} ${subscription_id}`;
}
