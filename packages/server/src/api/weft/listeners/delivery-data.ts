import type { z } from "zod";
import type { ClaimedDelivery } from "../../../domain/delivery.ts";
import type { NodeId } from "../../../domain/id.ts";
import type { deliveryEvent } from "./listener-schemas.ts";
import { receiptText } from "./receipt.ts";

type DeliveryData = Extract<z.input<typeof deliveryEvent>, { readonly event: "delivery" }>["data"];

/** A delivery in the form that a listener receives, as JSON. `sent`: name, value, name, value … */
export function deliveryData(
  { messageId, eventType, attempts, payload }: ClaimedDelivery,
  nodeId: NodeId,
  sent: readonly string[],
  own: Readonly<Record<string, string>>,
): string {
  const headers: Record<string, string> = {};
  for (let at = 0; at < sent.length; at += 2) headers[sent[at] ?? ""] = sent[at + 1] ?? "";
  for (const [name, value] of Object.entries(own)) headers[name.toLowerCase()] = value;
  const attempt = attempts + 1;
  return JSON.stringify({
    message_id: messageId,
    receipt: receiptText({ nodeId, attempt }),
    event_type: eventType,
    attempt,
    headers,
    body: payload,
  } satisfies DeliveryData);
}
