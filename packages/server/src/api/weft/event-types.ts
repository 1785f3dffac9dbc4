import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import type { EventType } from "../../domain/event-type.ts";
import { limits } from "../../domain/limits.ts";
import type { EventTypeDefinition, EventTypes } from "../../event-types/event-types.ts";
import { schemasIn } from "../../event-types/schema-texts.ts";
import { notFound } from "../../http/ids.ts";
import { keptText } from "../../http/kept-text.ts";
import { cursorInvalid, pageOf, pageQuery, readInSteps } from "../../http/pages.ts";
import { flag } from "../../http/query-values.ts";
import { type Route, route, TextResponse } from "../../http/route.ts";
import {
  createEventTypeRequest,
  definedFields,
  definedTypeOf,
  definedTypeResponse,
  eventTypeOf,
  eventTypeResponse,
  updateEventTypeRequest,
} from "./event-type-schemas.ts";

const path = "/webhooks/event-types";
const onePath = `${path}/:event_type_name`;
const tag = "webhooks";
/** Callers can only change event types that operators defined. */
const defined = { isBuiltIn: false };

export function eventTypeRoutes(eventTypes: EventTypes): Route[] {
  return [
    listEventTypes(eventTypes),
    createEventType(eventTypes),
    getEventType(eventTypes),
    updateEventType(eventTypes),
    deleteEventType(eventTypes),
  ];
}

function listEventTypes(eventTypes: EventTypes): Route {
  return route({
    method: "GET",
    path,
    operation: "listEventTypes",
    tag,
    summary: "List the event types with the JSON Schema and an example of each",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({
      ...pageQuery,
      cursor: keptText
        .max(limits.uidLengthMax)
        .optional()
        .describe("The name of the last event type on the page before."),
      include_archived: flag,
    }),
    response: z.array(eventTypeResponse),
    handle: async ({ caller, query: { limit, cursor, include_archived: includeArchived }, nextPage }) => {
      const { organizationId, featureFlags } = caller;
      const types = await eventTypes.listFor(organizationId, { featureFlags, includeArchived });
      const namespace = await eventTypes.namespaceOf(organizationId);
      const page = await readInSteps<EventType, string>({
        limit,
        cursor: cursor ?? null,
        read: async (part) => pageOf(typesAfter(types, part.cursor, part.limit + 1), part.limit, ({ name }) => name),
        cursorOf: ({ name }) => name,
        textOf: (type) => JSON.stringify(eventTypeOf(type, { isBuiltIn: eventTypes.isBuiltIn(namespace, type.name) })),
      });
      if (page.next !== null) nextPage(page.next);
      return new TextResponse(`[${page.texts.join(",")}]`);
    },
  });
}

/** A cursor whose type was archived meanwhile is a 422: the order of the list does not show where it was. */
function typesAfter(types: readonly EventType[], name: string | null, limit: number): readonly EventType[] {
  const last = name === null ? -1 : types.findIndex((type) => type.name === name);
  if (name !== null && last === -1) throw cursorInvalid();
  return types.slice(last + 1, last + 1 + limit);
}

function createEventType(eventTypes: EventTypes): Route {
  return route({
    method: "POST",
    path,
    operation: "createEventType",
    tag,
    summary: "Create an event type, or restore an archived one with the fields of the request",
    scope: "admin",
    isOperators: true,
    body: createEventTypeRequest,
    bodyBounds: bodyBounds.schemas,
    response: definedTypeResponse,
    handle: async ({ caller, body, bodyText }) => {
      const namespace = await eventTypes.namespaceOf(caller.organizationId);
      const definition: EventTypeDefinition = {
        ...{ name: body.name, description: "", archived: false, deprecated: false, featureFlag: null, groupName: null },
        ...definedFields(body),
        schemas: schemasIn(bodyText) ?? null,
      };
      return definedTypeOf(await eventTypes.create(namespace, definition), defined);
    },
  });
}

function getEventType(eventTypes: EventTypes): Route {
  return route({
    method: "GET",
    path: onePath,
    operation: "getEventType",
    tag,
    summary: "Get an event type with all versions of its JSON Schema",
    scope: "read",
    response: definedTypeResponse,
    handle: async ({ caller, params }) => {
      const namespace = await eventTypes.namespaceOf(caller.organizationId);
      const type = await eventTypes.find(namespace, params.event_type_name ?? "", caller.featureFlags);
      if (type === null) throw notFound("Event type");
      return definedTypeOf(type, { isBuiltIn: eventTypes.isBuiltIn(namespace, type.name) });
    },
  });
}

function updateEventType(eventTypes: EventTypes): Route {
  return route({
    method: "PATCH",
    path: onePath,
    operation: "updateEventType",
    tag,
    summary: "Change some fields of an event type, such as its schemas, or archive it",
    scope: "admin",
    isOperators: true,
    body: updateEventTypeRequest,
    bodyBounds: bodyBounds.schemas,
    response: definedTypeResponse,
    handle: async ({ caller, params, body, bodyText }) => {
      const namespace = await eventTypes.namespaceOf(caller.organizationId);
      const schemas = schemasIn(bodyText);
      const changes = { ...definedFields(body), ...(schemas !== undefined && { schemas }) };
      const type = await eventTypes.change(namespace, params.event_type_name ?? "", changes);
      if (type === null) throw notFound("Event type");
      return definedTypeOf(type, defined);
    },
  });
}

function deleteEventType(eventTypes: EventTypes): Route {
  return route({
    method: "DELETE",
    path: onePath,
    operation: "deleteEventType",
    tag,
    summary: "Delete an event type. Its messages and the subscriptions that select it stay",
    scope: "admin",
    isOperators: true,
    response: definedTypeResponse,
    handle: async ({ caller, params }) => {
      const namespace = await eventTypes.namespaceOf(caller.organizationId);
      const type = await eventTypes.delete(namespace, params.event_type_name ?? "");
      if (type === null) throw notFound("Event type");
      return definedTypeOf(type, defined);
    },
  });
}
