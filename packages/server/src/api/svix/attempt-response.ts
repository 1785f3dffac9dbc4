import { z } from "zod";
import type { Attempt } from "../../domain/attempt.ts";
import { prefixed, timeOfId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import { attemptStatus, statusFields, statusResponse } from "./delivery-status.ts";
import { messageResponse, messageText } from "./message-response.ts";

export const attemptResponse = z
  .object({
    id: z.string(),
    msgId: z.string(),
    endpointId: z.string(),
    url: z.string(),
    response: z
      .string()
      .describe("The first 16 KiB of the response body, or why no response arrived; `EXPUNGED` after deletion."),
    responseStatusCode: z.int().describe("0 when no response arrived."),
    responseDurationMs: z.int(),
    ...statusFields,
    triggerType: z.int().describe("0: by the schedule. 1: by request."),
    timestamp: timeResponse.describe("When the attempt ended."),
    msg: messageResponse.nullish(),
  })
  .meta({ id: "MessageAttemptOut" });

export interface AttemptView {
  /** Without it, `response` is `{}`, and so is the payload of the message. */
  readonly withContent: boolean;
  /** The attempt's message, if it was requested; null after retention deleted it. */
  readonly message?: Message | null;
}

/** An attempt as JSON text, because its message keeps the payload's own bytes. */
export function attemptText(attempt: Attempt, { withContent, message }: AttemptView): string {
  const text = JSON.stringify({
    id: prefixed("atmpt", attempt.id),
    msgId: prefixed("msg", attempt.messageId),
    endpointId: prefixed("ep", attempt.subscriptionId),
    url: attempt.url,
    response: withContent ? (attempt.responseBody ?? attempt.error ?? "") : "{}",
    responseStatusCode: attempt.responseStatus,
    responseDurationMs: attempt.durationMs,
    ...statusResponse(attemptStatus(attempt)),
    triggerType: attempt.trigger === "scheduled" ? 0 : 1,
    // The time in the attempt's id, by which lists are filtered.
    timestamp: isoTime(timeOfId(attempt.id)),
  });
  if (message === undefined) return text;
  return `${text.slice(0, -1)},"msg":${message === null ? "null" : messageText(message, withContent)}}`;
}
