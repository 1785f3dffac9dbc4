import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { ApiError } from "../../domain/errors.ts";
import { type MessageId, prefixed } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { newMessage } from "../../domain/message.ts";
import { traceContextIn } from "../../domain/trace-context.ts";
import { requestHash } from "../../http/idempotency.ts";
import { flagByDefault } from "../../http/query-values.ts";
import { type Route, route, StatusResponse, TextResponse } from "../../http/route.ts";
import type { Intake } from "../../intake/intake.ts";
import { anyMessage } from "../../store/messages/interface.ts";
import { uid } from "../own-fields.ts";
import { applicationIn } from "./application-in-path.ts";
import type { ApplicationParts } from "./applications.ts";
import { bringApplication } from "./bring-application.ts";
import {
  channelFilter,
  eventTypesFilter,
  listQuery,
  listSchema,
  pageText,
  positionInTime,
  timeWindow,
} from "./lists.ts";
import { messageIn } from "./message-in-path.ts";
import { eventIn, messageRequest } from "./message-request.ts";
import { messageResponse, messageText } from "./message-response.ts";
import { channels } from "./texts.ts";

export interface MessageParts extends ApplicationParts {
  readonly intake: Intake;
}

const path = "/app/:app_id/msg";
const tag = "Message";

export function messageRoutes(parts: MessageParts): Route[] {
  return [listMessages(parts), createMessage(parts), precheckMessage(parts), getMessage(parts), deleteContent(parts)];
}

function listMessages({ store }: MessageParts): Route {
  return route({
    method: "GET",
    path,
    operation: "v1.message.list",
    tag,
    summary: "List an application's messages, newest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({
      ...listQuery,
      ...timeWindow,
      channel: channelFilter,
      tag: z.string().optional(),
      event_types: eventTypesFilter,
      with_content: flagByDefault,
    }),
    response: listSchema(messageResponse),
    handle: async (request) => {
      const { query } = request;
      const { id: organizationId } = await applicationIn(store, request);
      const position = positionInTime(query, "msg");
      const page = await store.listMessages({
        ...anyMessage,
        organizationId,
        limit: query.limit,
        cursor: (position?.key ?? null) as MessageId | null,
        oldestFirst: position?.isBackwards ?? false,
        eventTypes: query.event_types ?? null,
        channel: query.channel ?? null,
        tag: query.tag ?? null,
        since: query.after ?? null,
        until: query.before ?? null,
      });
      const texts = page.items.map((message) => messageText(message, query.with_content));
      return pageText({ ...page, texts }, position, (id) => prefixed("msg", id));
    },
  });
}

function createMessage(parts: MessageParts): Route {
  const { intake, origin } = parts;
  return route({
    method: "POST",
    path,
    operation: "v1.message.create",
    tag,
    summary: "Publish a message to an application's endpoints",
    scope: "publish",
    query: z.object({ with_content: flagByDefault }),
    body: messageRequest,
    bodyBounds: bodyBounds.events,
    response: messageResponse,
    // The record of the idempotency key is part of the commit that stores the message.
    idempotency: "own",
    isLogged: false,
    handle: async (request) => {
      const { body, bodyText, query, idempotencyKey } = request;
      const { id: organizationId } = await bringApplication(parts, request, body.application);
      const event = eventIn(body, bodyText, origin.now());
      const [accepted] = await intake.publishUnchecked({
        organizationId,
        events: [event],
        isBatch: false,
        traceContext: traceContextIn(request.headers),
        idempotency:
          idempotencyKey === null
            ? null
            : {
                organizationId,
                key: idempotencyKey,
                requestHash: requestHash("POST", "/api/v1/app/:app_id/msg", bodyText),
                createdAt: origin.now(),
              },
      });
      if (accepted === undefined) throw new Error("One event was accepted, but the result has no message.");
      if (accepted.duplicate) {
        throw new ApiError(
          "event_id_conflict",
          `A message with the eventId ${JSON.stringify(event.eventId)} already exists.`,
        );
      }
      const { id, createdAt } = accepted;
      const { eventType, eventId, payloadText: payload, options } = event;
      const message = newMessage({ id, organizationId, eventType, eventId, payload, createdAt, ...options });
      return new StatusResponse(202, new TextResponse(messageText(message, query.with_content)));
    },
  });
}

function precheckMessage({ store }: MessageParts): Route {
  return route({
    method: "POST",
    path: `${path}/precheck/active`,
    operation: "v1.message.precheck",
    tag,
    summary: "Check whether any enabled endpoint would receive such a message",
    scope: "read",
    isLogged: false,
    body: z.object({ eventType: uid, channels: channels.nullish() }),
    response: z.object({ active: z.boolean() }).meta({ id: "MessagePrecheckOut" }),
    handle: async (request) => {
      const { id: organizationId } = await applicationIn(store, request);
      const { eventType, channels } = request.body;
      return { active: await store.hasMatch({ organizationId, eventType, channels: channels ?? null }) };
    },
  });
}

function getMessage({ store }: MessageParts): Route {
  return route({
    method: "GET",
    path: `${path}/:msg_id`,
    operation: "v1.message.get",
    tag,
    summary: "Get a message by its id or its eventId",
    scope: "read",
    query: z.object({ with_content: flagByDefault }),
    response: messageResponse,
    handle: async (request) =>
      new TextResponse(messageText(await messageIn(store, request), request.query.with_content)),
  });
}

function deleteContent({ store, origin }: MessageParts): Route {
  return route({
    method: "DELETE",
    path: `${path}/:msg_id/content`,
    operation: "v1.message.expunge-content",
    tag,
    summary: "Delete a message's payload; its waiting deliveries are cancelled",
    scope: "write",
    appTokens: "never",
    response: z.null(),
    handle: async (request) => {
      const { id: messageId, organizationId } = await messageIn(store, request);
      await store.deletePayload({ organizationId, messageId, now: origin.now() });
      return new StatusResponse(204);
    },
  });
}
