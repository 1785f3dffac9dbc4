import type { ClaimedDelivery, DeliveryState } from "../../packages/server/src/domain/delivery.ts";
import type { MessageId, NodeId, SubscriptionId } from "../../packages/server/src/domain/id.ts";
import type { Message } from "../../packages/server/src/domain/message.ts";

/** A delivery as the shared database keeps it. */
export interface DeliveryRow {
  readonly message: Message;
  readonly subscriptionId: SubscriptionId;
  readonly afterId: MessageId | null;
  state: DeliveryState;
  attempts: number;
  scheduleStep: number;
  dueAt: number;
  nodeId: NodeId | null;
}

export function rowKey({ messageId, subscriptionId }: Pick<ClaimedDelivery, "messageId" | "subscriptionId">): string {
  return `${messageId} ${subscriptionId}`;
}

export function claimedDelivery(row: DeliveryRow, ordered: boolean): ClaimedDelivery {
  return {
    messageId: row.message.id,
    subscriptionId: row.subscriptionId,
    organizationId: row.message.organizationId,
    eventType: row.message.eventType,
    payload: row.message.payload,
    contentType: null,
    trigger: "scheduled",
    attempts: row.attempts,
    scheduleStep: row.scheduleStep,
    ordered,
    dueAt: row.dueAt,
    traceContext: null,
  };
}

export function byMessage(a: DeliveryRow, b: DeliveryRow): number {
  return a.message.id < b.message.id ? -1 : 1;
}
