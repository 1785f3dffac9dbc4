import type { DeliveryProgress, DeliveryState } from "../../domain/delivery.ts";
import type { MessageId } from "../../domain/id.ts";
import type { MessageStatus } from "../../domain/message.ts";
import { candidatesFor } from "../messages/candidates.ts";
import { messagesAmong } from "../messages/conditions.ts";
import { lookThrough } from "../messages/look-through.ts";
import { type MessageRow, messageOf, sizedColumns } from "../messages/message-row.ts";
import { withPayloads } from "../messages/read-messages.ts";
import type { Page } from "../page.ts";
import { PageBytes, type Sized } from "../page-bytes.ts";
import type { ReadContext } from "../sql.ts";
import type { DeliverySight, ListDeliveries, SentMessage } from "./interface.ts";

interface Meaning {
  /** Through which messages it is found. */
  readonly status: MessageStatus | "set_aside";
  readonly condition: string;
}

const meanings: Record<DeliveryProgress, Meaning> = {
  pending: { status: "pending", condition: "state in ('due', 'claimed') and attempts = 0" },
  retrying: { status: "pending", condition: "state in ('due', 'claimed') and attempts > 0" },
  delivered: { status: "success", condition: "state = 'delivered'" },
  failed: { status: "failed", condition: "state = 'failed'" },
  set_aside: { status: "set_aside", condition: "state in ('skipped', 'cancelled')" },
};

export async function listDeliveries(
  context: ReadContext,
  params: ListDeliveries,
): Promise<Page<SentMessage, MessageId>> {
  const meaning = params.progress === null ? null : meanings[params.progress];
  const candidates = await candidatesFor(context, { ...params, status: meaning?.status ?? null });
  const page = new PageBytes();
  return await lookThrough(candidates, params, page, async (ids, limit) => {
    const rows = await withPayloads(context, page.take(await readMatching(context, params, meaning, ids, limit)));
    return rows.map((row) => ({ ...messageOf(row), delivery: sightOf(row) }));
  });
}

async function readMatching(
  { sql }: ReadContext,
  params: ListDeliveries,
  meaning: Meaning | null,
  ids: readonly MessageId[],
  limit: number,
): Promise<(MessageRow & Sized & DeliverySightRow)[]> {
  const { conditions, values } = messagesAmong(sql.dialect, ids, params);
  if (meaning !== null) conditions.push(meaning.condition);
  return await sql.all<MessageRow & Sized & DeliverySightRow>(
    `select ${sizedColumns}, ${sightColumns}
       from message join delivery on delivery.message_id = message.id and delivery.subscription_id = ?
       where ${conditions.join(" and ")} order by message.id ${params.oldestFirst ? "" : "desc"} limit ?`,
    params.subscriptionId,
    ...values,
    limit,
  );
}

export interface DeliverySightRow {
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly due_at: number;
  readonly schedule_step: number;
}

export const sightColumns = "delivery.state, delivery.attempts, delivery.due_at, delivery.schedule_step";

export function sightOf({ state, attempts, due_at, schedule_step: scheduleStep }: DeliverySightRow): DeliverySight {
  return { state, attempts, scheduleStep, nextAttemptAt: state === "due" ? due_at : null };
}
