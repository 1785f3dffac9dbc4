import { z } from "zod";
import { ApiError } from "../../domain/errors.ts";
import { examplesOf } from "../../domain/event-type.ts";
import { newMessage } from "../../domain/message.ts";
import type { EventTypes } from "../../event-types/event-types.ts";
import { notFound } from "../../http/ids.ts";
import { type Route, route, TextResponse } from "../../http/route.ts";
import type { Intake, NewEvent } from "../../intake/intake.ts";
import { uid } from "../own-fields.ts";
import { endpointIn, endpointPath, endpointTag, keyOf } from "./endpoint-in-path.ts";
import type { EndpointParts } from "./endpoints.ts";
import { messageResponse, messageText } from "./message-response.ts";

/** The event that Svix's SDKs send to test an endpoint. */
const ping = { name: "svix.ping", example: { success: true } };

export interface SendExampleParts extends EndpointParts {
  readonly eventTypes: EventTypes;
  readonly intake: Intake;
}

export function sendExampleRoute(parts: SendExampleParts): Route {
  return route({
    method: "POST",
    path: `${endpointPath}/send-example`,
    operation: "v1.endpoint.send-example",
    tag: endpointTag,
    summary: "Send an example of an event type to one endpoint only",
    scope: "write",
    appTokens: ["CreateAttempts"],
    body: z.object({
      eventType: uid,
      exampleIndex: z.int().min(0).nullish(),
      payload: z
        .never({ error: "An example has the payload of its schema. To send another payload, publish a message." })
        .optional(),
    }),
    response: messageResponse,
    handle: async (request) => {
      const endpoint = await endpointIn(parts.store, request);
      if (endpoint.disabledReason !== null) {
        throw new ApiError("subscription_disabled", "The endpoint is disabled. Enable it, then send an example.");
      }
      const { eventType, exampleIndex } = request.body;
      const namespace = await parts.eventTypes.namespaceOf(endpoint.organizationId);
      const event = eventOf(
        eventType,
        await exampleFor(parts, { namespace, name: eventType, index: exampleIndex ?? 0 }),
      );
      const { id, createdAt } = await parts.intake.publishTo({ ...keyOf(endpoint), event });
      const { organizationId } = endpoint;
      const message = newMessage({
        id,
        organizationId,
        eventType,
        eventId: null,
        payload: event.payloadText,
        createdAt,
      });
      return new TextResponse(messageText(message, true));
    },
  });
}

async function exampleFor(
  { eventTypes }: SendExampleParts,
  { namespace, name, index }: { namespace: string; name: string; index: number },
): Promise<object> {
  if (name === ping.name) return ping.example;
  const type = await eventTypes.find(namespace, name, null);
  if (type === null) throw notFound("Entity");
  const example = examplesOf(type)[index];
  if (example !== undefined) return example;
  const lacking = `has no payload number ${index} among the examples of its newest schema`;
  throw new ApiError("example_missing", `${name} ${lacking}, so no example can be sent.`);
}

function eventOf(eventType: string, payload: object): NewEvent {
  return { eventType, payload, payloadText: JSON.stringify(payload), eventId: null };
}
