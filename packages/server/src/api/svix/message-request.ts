import { z } from "zod";
import { validationFailed } from "../../domain/errors.ts";
import { memberText } from "../../domain/json-text.ts";
import { limits } from "../../domain/limits.ts";
import type { MessageOptions } from "../../domain/message.ts";
import { jsonObject, mapOf } from "../../http/caller-objects.ts";
import { keptText } from "../../http/kept-text.ts";
import { timeRequest } from "../../http/times.ts";
import type { NewEvent } from "../../intake/intake.ts";
import { uid, uidOf } from "../own-fields.ts";
import { applicationRequest } from "./applications.ts";
import { channels } from "./texts.ts";

const day = 86_400_000;

const mediaType = z
  .string()
  .max(limits.contentTypeLengthMax)
  .regex(/^[\x20-\x7e]+$/, { error: "A media type has printable ASCII characters only." });

const rawParams = z.object({
  rawPayload: keptText.nullish().describe("Sent unchanged instead of the payload."),
  headers: mapOf(z.string(), { keysMax: limits.headersMax })
    .nullish()
    .describe("The header `content-type` is the media type of the raw payload."),
});

export const messageRequest = z
  .object({
    eventType: uid,
    payload: jsonObject().optional().describe("Stored, signed and sent byte for byte."),
    data: jsonObject().optional().describe("Another name of `payload`."),
    eventId: uidOf("msg").nullish(),
    channels: channels.nullish(),
    tags: z.array(keptText.min(1).max(limits.tagLengthMax)).max(limits.tagsMax).nullish(),
    deliverAt: timeRequest.nullish().describe("The earliest time of the first attempt, at most 24 hours ahead."),
    payloadRetentionPeriod: z.int().min(5).max(90).nullish().describe("Days until the payload is deleted."),
    payloadRetentionHours: z.int().min(1).max(2160).nullish().describe("Hours until the payload is deleted."),
    application: applicationRequest.nullish().describe("Created if no application with this uid exists."),
    transformationsParams: rawParams.nullish(),
  })
  .refine(({ payload, data }) => payload !== undefined || data !== undefined, {
    path: ["payload"],
    error: "A payload is required: a JSON object.",
  })
  .meta({ id: "MessageIn" });

export type MessageRequest = z.output<typeof messageRequest>;

/** The event that a request publishes. Throws a 422 when its delivery is delayed too long. */
export function eventIn(body: MessageRequest, text: string, now: number): NewEvent & { options: MessageOptions } {
  const raw = body.transformationsParams?.rawPayload ?? null;
  return {
    eventType: body.eventType,
    eventId: body.eventId ?? null,
    payload: body.payload ?? body.data,
    payloadText: raw ?? memberText(text, body.payload === undefined ? "data" : "payload") ?? "",
    options: {
      channels: body.channels ?? null,
      tags: body.tags ?? null,
      contentType: raw === null ? null : mediaTypeIn(body.transformationsParams?.headers ?? {}),
      deliverAt: deliverAtIn(body, now),
      payloadUntil: payloadUntilIn(body, now),
    },
  };
}

function mediaTypeIn(headers: Readonly<Record<string, string>>): string {
  const given = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
  if (given === undefined) return "application/json";
  const checked = mediaType.safeParse(given);
  if (checked.success) return checked.data;
  const loc = ["body", "transformationsParams", "headers", "content-type"];
  throw validationFailed([{ loc, msg: "This is not a media type.", type: "value_error" }]);
}

// A time in the past means now.
function deliverAtIn({ deliverAt }: MessageRequest, now: number): number | null {
  if (deliverAt === undefined || deliverAt === null || deliverAt <= now) return null;
  if (deliverAt <= now + limits.deliverAtMsMax) return deliverAt;
  const msg = `A message is delivered at most ${limits.deliverAtMsMax / 3_600_000} hours later.`;
  throw validationFailed([{ loc: ["body", "deliverAt"], msg, type: "value_error" }]);
}

function payloadUntilIn({ payloadRetentionHours, payloadRetentionPeriod }: MessageRequest, now: number): number | null {
  if (typeof payloadRetentionHours === "number") return now + payloadRetentionHours * 3_600_000;
  return typeof payloadRetentionPeriod === "number" ? now + payloadRetentionPeriod * day : null;
}
