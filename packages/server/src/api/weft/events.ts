import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { itemTexts, memberText } from "../../domain/json-text.ts";
import { limits } from "../../domain/limits.ts";
import { traceContextIn } from "../../domain/trace-context.ts";
import { jsonObject } from "../../http/caller-objects.ts";
import { requestHash } from "../../http/idempotency.ts";
import { keptText } from "../../http/kept-text.ts";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { Intake, NewEvent } from "../../intake/intake.ts";
import type { AcceptedMessage } from "../../store/messages/interface.ts";

const eventRequest = z
  .strictObject({
    event_type: z.string(),
    payload: jsonObject().describe("Stored, signed and sent byte for byte."),
    event_id: keptText
      .min(1)
      .max(limits.eventIdLengthMax)
      .nullish()
      .describe(
        "Your own id of the event. Publishing the event again with the same id does not create another message.",
      ),
  })
  .meta({ id: "NewEvent" });

// A list is counted before any of its events is validated.
const publishRequest = z.preprocess(
  (given, context) => {
    if (!Array.isArray(given) || given.length <= limits.eventsPerBatchMax) return given;
    const message = `A batch has at most ${limits.eventsPerBatchMax} events; this one has ${given.length}.`;
    context.issues.push({ code: "too_big", origin: "array", maximum: limits.eventsPerBatchMax, input: given, message });
    return z.NEVER;
  },
  z.union([eventRequest, z.array(eventRequest).min(1).max(limits.eventsPerBatchMax)]),
);

const acceptedResponse = z
  .object({
    id: z.uuid(),
    event_type: z.string(),
    event_id: z.string().nullable(),
    timestamp: timeResponse,
    duplicate: z
      .boolean()
      .describe("Whether the event was accepted before; `id` and `timestamp` are then those of the first time."),
  })
  .meta({ id: "AcceptedEvent", description: "An accepted message. It is stored durably." });

export function publishRoute(intake: Intake, now: () => number): Route {
  return route({
    method: "POST",
    path: "/events",
    operation: "publishEvents",
    tag: "events",
    summary: "Publish an event, or up to 1,000 at once: all of them or none. The response follows the commit",
    scope: "publish",
    body: publishRequest,
    bodyBounds: bodyBounds.events,
    response: z.union([acceptedResponse, z.array(acceptedResponse)]),
    // The record of the idempotency key is part of the commit that stores the messages.
    idempotency: "own",
    isLogged: false,
    handle: async ({ caller, headers, body, bodyText, idempotencyKey }) => {
      const { organizationId } = caller;
      const isBatch = Array.isArray(body);
      const items = isBatch ? body : [body];
      const texts = isBatch ? itemTexts(bodyText) : [bodyText];
      const events = items.map((item, index) => newEvent(item, texts[index] ?? ""));
      const accepted = await intake.publish({
        organizationId,
        events,
        isBatch,
        traceContext: traceContextIn(headers),
        idempotency:
          idempotencyKey === null
            ? null
            : {
                organizationId,
                key: idempotencyKey,
                requestHash: requestHash("POST", "/events", bodyText),
                createdAt: now(),
              },
      });
      const responses = accepted.map((message, index) => acceptedOf(message, events[index]));
      const [single] = responses;
      return isBatch || single === undefined ? responses : single;
    },
  });
}

function newEvent(item: z.output<typeof eventRequest>, text: string): NewEvent {
  return {
    eventType: item.event_type,
    payload: item.payload,
    payloadText: memberText(text, "payload") ?? "",
    eventId: item.event_id ?? null,
  };
}

function acceptedOf(message: AcceptedMessage, event: NewEvent | undefined): z.input<typeof acceptedResponse> {
  return {
    id: message.id,
    event_type: event?.eventType ?? "",
    event_id: event?.eventId ?? null,
    timestamp: isoTime(message.createdAt),
    duplicate: message.duplicate,
  };
}
