import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { validationFailed } from "../../domain/errors.ts";
import type { EventType } from "../../domain/event-type.ts";
import { limits } from "../../domain/limits.ts";
import type { EventTypes } from "../../event-types/event-types.ts";
import { schemasIn, shownSchemas } from "../../event-types/schema-texts.ts";
import { jsonObject, mapOf } from "../../http/caller-objects.ts";
import { notFound } from "../../http/ids.ts";
import { shownText } from "../../http/kept-text.ts";
import { fitting } from "../../http/pages.ts";
import { flag } from "../../http/query-values.ts";
import { type Route, type RouteRequest, route, StatusResponse } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { Store } from "../../store/store.ts";
import { uid } from "../own-fields.ts";
import { namespaceOf } from "./application-in-path.ts";
import { listQuery, listSchema, order, pageText, positionByName } from "./lists.ts";

const schemasRequest = mapOf(jsonObject(), { keysMax: limits.schemaVersionsMax }).nullable();

const changeable = {
  description: shownText,
  archived: z.boolean(),
  deprecated: z.boolean(),
  schemas: schemasRequest,
  featureFlag: uid.nullable(),
  featureFlags: z.array(uid).max(1, { error: "An event type has one feature flag at most." }).nullable(),
  groupName: uid.nullable(),
};

const wholeRequest = {
  description: changeable.description,
  archived: changeable.archived.default(false),
  deprecated: changeable.deprecated.default(false),
  schemas: changeable.schemas.default(null),
  featureFlag: changeable.featureFlag.default(null),
  featureFlags: changeable.featureFlags.optional().describe("The newer name of `featureFlag`."),
  groupName: changeable.groupName.default(null),
};

const createRequest = z.object({ name: uid, ...wholeRequest });
const replaceRequest = z.object(wholeRequest);
const patchRequest = z.object(changeable).partial();

const eventTypeResponse = z
  .object({
    name: z.string(),
    description: z.string(),
    archived: z.boolean(),
    deprecated: z.boolean(),
    schemas: z.record(z.string(), z.unknown()).nullable(),
    featureFlag: z.string().nullable(),
    featureFlags: z.array(z.string()).nullable(),
    groupName: z.string().nullable(),
    createdAt: timeResponse,
    updatedAt: timeResponse,
  })
  .meta({ id: "EventTypeOut" });

export interface EventTypeParts {
  readonly store: Store;
  readonly eventTypes: EventTypes;
}

const path = "/event-type/:event_type_name";
const tag = "Event Type";

export function eventTypeRoutes(parts: EventTypeParts): Route[] {
  return [
    listEventTypes(parts),
    createEventType(parts),
    getEventType(parts),
    replaceEventType(parts),
    patchEventType(parts),
    deleteEventType(parts),
  ];
}

function listEventTypes({ store, eventTypes }: EventTypeParts): Route {
  return route({
    method: "GET",
    path: "/event-type",
    operation: "v1.event-type.list",
    tag,
    summary: "List event types by name",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({ ...listQuery, order: order("ascending"), include_archived: flag, with_content: flag }),
    response: listSchema(eventTypeResponse),
    handle: async ({ caller, query }) => {
      const position = positionByName(query.iterator);
      const { featureFlags } = caller;
      const { include_archived: includeArchived } = query;
      const shown = await eventTypes.list(await namespaceOf(store, caller), { featureFlags, includeArchived });
      const isDescending = (query.order === "descending") !== (position?.isBackwards ?? false);
      const byName = shown.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const inOrder = isDescending ? byName.reverse() : byName;
      const found =
        position === null
          ? inOrder
          : inOrder.filter(({ name }) => (isDescending ? name < position.key : name > position.key));
      const texts = fitting(found.slice(0, query.limit), (type) =>
        JSON.stringify(responseOf(query.with_content ? type : { ...type, schemas: null })),
      );
      const items = found.slice(0, texts.length).map(({ name }) => ({ id: name }));
      const next = texts.length < found.length ? (items.at(-1)?.id ?? null) : null;
      return pageText({ items, texts, next }, position, (name) => name);
    },
  });
}

function createEventType({ store, eventTypes }: EventTypeParts): Route {
  return route({
    method: "POST",
    path: "/event-type",
    operation: "v1.event-type.create",
    tag,
    summary: "Define an event type, or restore an archived one",
    scope: "admin",
    isOperators: true,
    isNamespaces: true,
    body: createRequest,
    bodyBounds: bodyBounds.schemas,
    response: eventTypeResponse,
    handle: async ({ caller, body, bodyText }) => {
      const namespace = await namespaceOf(store, caller);
      const type = await eventTypes.create(namespace, { ...fieldsIn(body), schemas: schemasIn(bodyText) ?? null });
      return new StatusResponse(201, responseOf(type));
    },
  });
}

function getEventType({ store, eventTypes }: EventTypeParts): Route {
  return route({
    method: "GET",
    path,
    operation: "v1.event-type.get",
    tag,
    summary: "Get an event type with its schemas",
    scope: "read",
    response: eventTypeResponse,
    handle: async ({ caller, params }) => {
      const namespace = await namespaceOf(store, caller);
      const type = await eventTypes.find(namespace, params.event_type_name ?? "", caller.featureFlags);
      if (type === null) throw notFound("Entity");
      return responseOf(type);
    },
  });
}

function replaceEventType({ store, eventTypes }: EventTypeParts): Route {
  return route({
    method: "PUT",
    path,
    operation: "v1.event-type.update",
    tag,
    summary: "Define an event type, or replace the one with this name",
    scope: "admin",
    isOperators: true,
    isNamespaces: true,
    body: replaceRequest,
    bodyBounds: bodyBounds.schemas,
    response: eventTypeResponse,
    handle: async (request) => {
      const name = nameIn(request);
      const schemas = schemasIn(request.bodyText) ?? null;
      const namespace = await namespaceOf(store, request.caller);
      const { type, isNew } = await eventTypes.replace(namespace, { name, ...fieldsIn(request.body), schemas });
      return new StatusResponse(isNew ? 201 : 200, responseOf(type));
    },
  });
}

function patchEventType({ store, eventTypes }: EventTypeParts): Route {
  return route({
    method: "PATCH",
    path,
    operation: "v1.event-type.patch",
    tag,
    summary: "Change some fields of an event type",
    scope: "admin",
    isOperators: true,
    isNamespaces: true,
    body: patchRequest,
    bodyBounds: bodyBounds.schemas,
    response: eventTypeResponse,
    handle: async (request) => {
      const schemas = schemasIn(request.bodyText);
      const given = Object.fromEntries(
        Object.entries({ ...fieldsIn(request.body), schemas }).filter(([, value]) => value !== undefined),
      );
      const namespace = await namespaceOf(store, request.caller);
      const type = await eventTypes.change(namespace, request.params.event_type_name ?? "", given);
      if (type === null) throw notFound("Entity");
      return responseOf(type);
    },
  });
}

function deleteEventType({ store, eventTypes }: EventTypeParts): Route {
  return route({
    method: "DELETE",
    path,
    operation: "v1.event-type.delete",
    tag,
    summary: "Archive an event type, or delete it",
    scope: "admin",
    isOperators: true,
    isNamespaces: true,
    query: z.object({ expunge: flag }),
    response: z.null(),
    handle: async (request) => {
      const name = request.params.event_type_name ?? "";
      const namespace = await namespaceOf(store, request.caller);
      const isKnown = request.query.expunge
        ? await eventTypes.delete(namespace, name)
        : await eventTypes.change(namespace, name, { archived: true });
      if (isKnown === null) throw notFound("Entity");
      return new StatusResponse(204);
    },
  });
}

function nameIn({ params }: Pick<RouteRequest<unknown, unknown>, "params">): string {
  const { data: name, error } = uid.safeParse(params.event_type_name);
  if (name !== undefined) return name;
  const msg = error?.issues[0]?.message ?? "This is not a name of an event type.";
  throw validationFailed([{ loc: ["path", "event_type_name"], msg, type: "value_error" }]);
}

/** The first major version of the SDKs sends one flag, the second a list. */
function fieldsIn<Body extends { featureFlags?: readonly string[] | null | undefined }>(body: Body) {
  const { featureFlags, ...fields } = body;
  return featureFlags === undefined ? fields : { ...fields, featureFlag: featureFlags?.[0] ?? null };
}

function responseOf(type: EventType): z.input<typeof eventTypeResponse> {
  return {
    name: type.name,
    description: type.description,
    archived: type.archived,
    deprecated: type.deprecated,
    schemas: shownSchemas(type.schemas),
    featureFlag: type.featureFlag,
    featureFlags: flagsOf(type),
    groupName: type.groupName,
    createdAt: isoTime(type.createdAt),
    updatedAt: isoTime(type.updatedAt),
  };
}

/** The flag in the form of the SDKs' second major version. */
export function flagsOf({ featureFlag }: Pick<EventType, "featureFlag">): string[] | null {
  return featureFlag === null ? null : [featureFlag];
}
