import type { z } from "zod";
import type { ClaimedDelivery } from "../../../domain/delivery.ts";
import type { NodeId } from "../../../domain/id.ts";
import type { deliveryEvent } from "./listener-schemas.ts";
import { receiptText } from "./receipt.ts";

type DeliveryData = Extract<z.input<typeof deliveryEvent>, { readonly event: "delivery" }>["data"];

/** A delivery in the form that a listener receives, as JSON. */
export function deliveryData(
  { messageId, eventType, attempts }: ClaimedDelivery,
  nodeId: NodeId,
  request: { readonly headers: readonly string[]; readonly body: string },
): string {
  const headers: Record<string, string> = {};
  for (let at = 0; at < request.headers.length; at += 2)
    headers[request.headers[at] ?? ""] = request.headers[at + 1] ?? "";
  const attempt = attempts + 1;
  return JSON.stringify({
    message_id: messageId,
    receipt: receiptText({ nodeId, attempt }),
    event_type: eventType,
    attempt,
    headers,
    body: request.body,
  } satisfies DeliveryData);
}
