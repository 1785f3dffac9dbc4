import { z } from "zod";
import { type Message, shownPayload } from "../../../domain/message.ts";
import { isoTime, timeResponse } from "../../../http/times.ts";
import type { StreamChange } from "../../../store/streams/interface.ts";
import { attemptOf, attemptResponse } from "../attempt-schemas.ts";
import { subscriptionOf, subscriptionResponse } from "../subscription-schemas.ts";
import { syncJobOf, syncJobResponse } from "../sync-job-schemas.ts";

const streamMessage = z
  .object({
    id: z.uuid(),
    event_type: z.string(),
    timestamp: timeResponse.describe("When it was accepted."),
    channels: z.array(z.string()),
    event_id: z.string().nullable(),
    tags: z.array(z.string()).nullable(),
    payload: z.record(z.string(), z.unknown()).optional().describe("With `payload=true`."),
    payload_text: z.string().optional().describe("With `payload=text`: the accepted text, byte for byte."),
  })
  .meta({ id: "StreamMessage", description: "An accepted message." });

const streamAttempt = z
  .object({
    ...attemptResponse.omit({
      endpoint_id: true,
      response: true,
      response_headers: true,
      response_headers_truncated: true,
    }).shape,
    event_type: z.string(),
    subscription_id: z.uuid(),
  })
  .meta({ id: "StreamAttempt", description: "An attempt, without the receiver's response." });

const streamSubscription = z.object({ ...subscriptionResponse.shape, deleted: z.boolean() }).meta({
  id: "StreamSubscription",
  description: "The current state of a subscription whose state or health changed.",
});

const gap = z
  .object({
    from: timeResponse.describe("Earlier changes are missing from the stream. The lists have them."),
    detail: z.string(),
  })
  .meta({ id: "StreamGap", description: "The stream cannot resume from this position, which has expired." });

const end = z
  .object({ code: z.string().describe("Such as `too_slow`, `shutting_down`, `unauthenticated`."), detail: z.string() })
  .meta({
    id: "StreamEnd",
    description: "Why the stream ends. A reader that reconnects with the last id misses nothing.",
  });

const id = z.string().describe("The position to resume from: send it as `Last-Event-ID`.");

export const streamEvent = z
  .discriminatedUnion("event", [
    z.object({ event: z.literal("message"), id, data: streamMessage }),
    z.object({ event: z.literal("attempt"), id, data: streamAttempt }),
    z.object({ event: z.literal("subscription"), id, data: streamSubscription }),
    z.object({ event: z.literal("sync_job"), id, data: syncJobResponse }),
    z.object({ event: z.literal("gap"), id, data: gap }),
    z.object({ event: z.literal("end"), id, data: end }),
  ])
  .meta({ id: "StreamEvent", description: "One event of a stream." });

export type PayloadOption = "none" | "json" | "text";

/** The content of a change, as JSON. */
export function dataOf(change: StreamChange, payload: PayloadOption): string {
  switch (change.kind) {
    case "message":
      return messageData(change.message, payload);
    case "attempt":
      return JSON.stringify(attemptData(change));
    case "subscription":
      return JSON.stringify({ ...subscriptionOf(change.subscription), deleted: change.isDeleted });
    case "sync_job":
      return JSON.stringify(syncJobOf(change.job));
  }
}

// The response contains the payload's own text, because parsing would lose numbers that JavaScript cannot represent.
function messageData(message: Message, payload: PayloadOption): string {
  const head = JSON.stringify({
    id: message.id,
    event_type: message.eventType,
    timestamp: isoTime(message.createdAt),
    channels: message.channels ?? [message.eventType],
    event_id: message.eventId,
    tags: message.tags,
    ...(payload === "text" && { payload_text: message.payload }),
  });
  return payload === "json" ? `${head.slice(0, -1)},"payload":${shownPayload(message)}}` : head;
}

function attemptData({ attempt, eventType }: StreamChange & { kind: "attempt" }): z.input<typeof streamAttempt> {
  const {
    endpoint_id,
    response: _,
    response_headers: __,
    response_headers_truncated: ___,
    ...shown
  } = attemptOf({ kind: "made", eventType, ...attempt });
  return { ...shown, event_type: eventType, subscription_id: endpoint_id };
}

export function gapData(now: number): string {
  return JSON.stringify({
    from: isoTime(now),
    detail:
      "The entries before this position have expired, or the id belongs to another Weft. Read the missed changes from the lists.",
  } satisfies z.input<typeof gap>);
}
