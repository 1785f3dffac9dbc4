import { z } from "zod";
import { ApiError } from "../../domain/errors.ts";
import { examplesOf } from "../../domain/event-type.ts";
import { newMessage } from "../../domain/message.ts";
import { type Route, route, TextResponse } from "../../http/route.ts";
import type { Catalogue } from "../../intake/catalogue.ts";
import type { EventTypes } from "../../intake/event-types.ts";
import type { Intake, NewEvent } from "../../intake/intake.ts";
import { endpointIn, endpointPath, endpointTag, keyOf } from "./endpoint-in-path.ts";
import type { EndpointParts } from "./endpoints.ts";
import { messageResponse, messageText } from "./message-response.ts";
import { uid } from "./texts.ts";

/** The event that Svix's SDKs send to test an endpoint. */
const ping = { name: "svix.ping", example: { success: true } };

export interface SendExampleParts extends EndpointParts {
  readonly catalogue: Catalogue;
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
    body: z.object({ eventType: uid, exampleIndex: z.int().min(0).nullish() }),
    response: messageResponse,
    handle: async (request) => {
      const endpoint = await endpointIn(parts.store, request);
      if (endpoint.disabledReason !== null) {
        throw new ApiError("subscription_disabled", "The endpoint is disabled. Enable it, then send an example.");
      }
      const { eventType, exampleIndex } = request.body;
      const event = eventOf(eventType, await exampleFor(parts, eventType, exampleIndex ?? 0));
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

async function exampleFor({ catalogue, eventTypes }: SendExampleParts, name: string, index: number): Promise<object> {
  if (name === ping.name) return ping.example;
  if (catalogue.find(name) === null) await eventTypes.refresh();
  const type = catalogue.find(name);
  const example = type === null ? undefined : examplesOf(type)[index];
  if (example !== undefined) return example;
  const lacking =
    type === null ? "is not known" : `has no payload number ${index} among the examples of its newest schema`;
  throw new ApiError("example_missing", `${name} ${lacking}, so no example can be sent.`);
}

function eventOf(eventType: string, payload: object): NewEvent {
  return { eventType, payload, payloadText: JSON.stringify(payload), eventId: null };
}
