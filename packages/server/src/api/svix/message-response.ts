import { z } from "zod";
import { prefixed, timeOfId } from "../../domain/id.ts";
import { type Message, shownPayload } from "../../domain/message.ts";
import { isoTime, timeResponse } from "../../http/times.ts";

export const messageResponse = z
  .object({
    id: z.string(),
    eventType: z.string(),
    eventId: z.string().nullable(),
    payload: z
      .looseObject({})
      .describe(
        "The accepted payload, byte for byte. A payload that is not a JSON object is shown as `rawPayload`, and a deleted one as `expired`.",
      ),
    channels: z.array(z.string()).nullable(),
    tags: z.array(z.string()).nullable(),
    deliverAt: timeResponse.nullable(),
    timestamp: timeResponse.describe("When it was accepted."),
  })
  .meta({ id: "MessageOut" });

/**
 * A message as JSON text with the payload's own bytes, because parsing would lose numbers that JavaScript cannot represent.
 * Without content its payload is `{}`.
 */
export function messageText(message: Message, withContent: boolean, more: Record<string, unknown> = {}): string {
  const head = JSON.stringify({
    id: prefixed("msg", message.id),
    eventType: message.eventType,
    eventId: message.eventId,
    channels: message.channels,
    tags: message.tags,
    deliverAt: message.deliverAt === null ? null : isoTime(message.deliverAt),
    // The time in the message's id, by which lists are filtered.
    timestamp: isoTime(timeOfId(message.id)),
    ...more,
  });
  return `${head.slice(0, -1)},"payload":${withContent ? shownPayload(message) : "{}"}}`;
}
