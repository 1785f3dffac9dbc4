import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { ApiError, validationFailed } from "../../domain/errors.ts";
import { type EventType, isShownTo } from "../../domain/event-type.ts";
import { memberText, parsePrintable } from "../../domain/json-text.ts";
import { limits } from "../../domain/limits.ts";
import { jsonObject, mapOf } from "../../http/caller-objects.ts";
import { notFound } from "../../http/ids.ts";
import { fitting } from "../../http/pages.ts";
import { flag } from "../../http/query-values.ts";
import { type Route, type RouteRequest, route, StatusResponse } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { Catalogue } from "../../intake/catalogue.ts";
import type { EventTypes } from "../../intake/event-types.ts";
import type { Origin } from "../../intake/intake.ts";
import { listQuery, listSchema, pageText, positionIn } from "./lists.ts";
import { ignoredKeyMistake } from "./schema-keys.ts";
import { shownText, uid } from "./texts.ts";

const schemasRequest = mapOf(jsonObject(), { keysMax: limits.schemaVersionsMax })
  .superRefine((schemas, context) => {
    for (const [version, schema] of Object.entries(schemas)) {
      const mistake = ignoredKeyMistake(schema);
      if (mistake === null) continue;
      context.addIssue({ code: "custom", path: [version], message: `This is not a JSON Schema: ${mistake}` });
    }
  })
  .nullable();

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
  readonly catalogue: Catalogue;
  readonly eventTypes: EventTypes;
  readonly origin: Origin;
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

function listEventTypes({ catalogue, eventTypes }: EventTypeParts): Route {
  return route({
    method: "GET",
    path: "/event-type",
    operation: "v1.event-type.list",
    tag,
    summary: "List event types by name",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({ ...listQuery, include_archived: flag, with_content: flag }),
    response: listSchema(eventTypeResponse),
    handle: async ({ caller, query }) => {
      await eventTypes.refresh();
      const position = positionIn(query.iterator);
      const shown = catalogue.types.filter(
        (type) => isShownTo(type, caller.featureFlags) && (query.include_archived || !type.archived),
      );
      const byName = shown.sort((a, b) => (a.name < b.name ? -1 : 1));
      const ahead = position === null ? byName : byName.filter(({ name }) => isAhead(name, position));
      const found = position?.isBackwards === true ? ahead.reverse() : ahead;
      const texts = fitting(found.slice(0, query.limit), (type) =>
        JSON.stringify(responseOf(query.with_content ? type : { ...type, schemas: null })),
      );
      const items = found.slice(0, texts.length).map(({ name }) => ({ id: name }));
      const next = texts.length < found.length ? (items.at(-1)?.id ?? null) : null;
      return pageText({ items, texts, next }, position, (name) => name);
    },
  });
}

function isAhead(name: string, { key, isBackwards }: { key: string; isBackwards: boolean }): boolean {
  return isBackwards ? name < key : name > key;
}

function createEventType({ catalogue, eventTypes, origin }: EventTypeParts): Route {
  return route({
    method: "POST",
    path: "/event-type",
    operation: "v1.event-type.create",
    tag,
    summary: "Define an event type, or restore an archived one",
    scope: "admin",
    isOperators: true,
    body: createRequest,
    bodyBounds: bodyBounds.schemas,
    response: eventTypeResponse,
    handle: async ({ body, bodyText }) => {
      const schemas = schemasIn(bodyText) ?? null;
      await requireSchemas(eventTypes, body.name, schemas);
      const at = origin.now();
      const type = { ...fieldsIn(body), schemas, createdAt: at, updatedAt: at };
      if (await eventTypes.create(type)) return new StatusResponse(201, responseOf(type));
      const known = catalogue.find(body.name);
      if (known?.archived !== true) {
        throw new ApiError("event_type_exists", `The event type ${body.name} already exists.`);
      }
      const revived = { ...type, createdAt: known.createdAt };
      await eventTypes.replace(revived);
      return new StatusResponse(201, responseOf(revived));
    },
  });
}

function getEventType({ catalogue, eventTypes }: EventTypeParts): Route {
  return route({
    method: "GET",
    path,
    operation: "v1.event-type.get",
    tag,
    summary: "Get an event type with its schemas",
    scope: "read",
    response: eventTypeResponse,
    handle: async ({ caller, params }) => {
      await eventTypes.refresh();
      const type = catalogue.find(params.event_type_name ?? "");
      if (type === null || !isShownTo(type, caller.featureFlags)) throw notFound("Entity");
      return responseOf(type);
    },
  });
}

function replaceEventType({ catalogue, eventTypes, origin }: EventTypeParts): Route {
  return route({
    method: "PUT",
    path,
    operation: "v1.event-type.update",
    tag,
    summary: "Define an event type, or replace the one with this name",
    scope: "admin",
    isOperators: true,
    body: replaceRequest,
    bodyBounds: bodyBounds.schemas,
    response: eventTypeResponse,
    handle: async (request) => {
      const name = nameIn(request);
      const known = await changeableType(catalogue, eventTypes, name);
      const schemas = schemasIn(request.bodyText) ?? null;
      await requireSchemas(eventTypes, name, schemas);
      const at = origin.now();
      const type = { name, ...fieldsIn(request.body), schemas, createdAt: known?.createdAt ?? at, updatedAt: at };
      await eventTypes.replace(type);
      return new StatusResponse(known === null ? 201 : 200, responseOf(type));
    },
  });
}

function patchEventType({ catalogue, eventTypes, origin }: EventTypeParts): Route {
  return route({
    method: "PATCH",
    path,
    operation: "v1.event-type.patch",
    tag,
    summary: "Change some fields of an event type",
    scope: "admin",
    isOperators: true,
    body: patchRequest,
    bodyBounds: bodyBounds.schemas,
    response: eventTypeResponse,
    handle: async (request) => {
      const known = await changeableType(catalogue, eventTypes, request.params.event_type_name ?? "");
      if (known === null) throw notFound("Entity");
      const schemas = schemasIn(request.bodyText);
      await requireSchemas(eventTypes, known.name, schemas);
      const given = Object.fromEntries(
        Object.entries(fieldsIn(request.body)).filter(([, value]) => value !== undefined),
      );
      const type = {
        ...known,
        ...given,
        schemas: schemas === undefined ? known.schemas : schemas,
        updatedAt: origin.now(),
      };
      await eventTypes.replace(type);
      return responseOf(type);
    },
  });
}

function deleteEventType({ catalogue, eventTypes, origin }: EventTypeParts): Route {
  return route({
    method: "DELETE",
    path,
    operation: "v1.event-type.delete",
    tag,
    summary: "Archive an event type, or delete it",
    scope: "admin",
    isOperators: true,
    query: z.object({ expunge: flag }),
    response: z.null(),
    handle: async (request) => {
      const known = await changeableType(catalogue, eventTypes, request.params.event_type_name ?? "");
      if (known === null) throw notFound("Entity");
      if (request.query.expunge) await eventTypes.delete(known.name);
      else await eventTypes.replace({ ...known, archived: true, updatedAt: origin.now() });
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

/** The current type; null when there is none. Throws when it is one of Weft's own. */
async function changeableType(catalogue: Catalogue, eventTypes: EventTypes, name: string): Promise<EventType | null> {
  await eventTypes.refresh();
  if (!catalogue.isOwn(name)) return catalogue.find(name);
  throw new ApiError("event_type_own", `${name} is a built-in event type, which cannot be changed or deleted.`);
}

async function requireSchemas(
  eventTypes: EventTypes,
  name: string,
  schemas: EventType["schemas"] | undefined,
): Promise<void> {
  const mistakes = await eventTypes.schemaMistakes(name, schemas ?? null, ["body", "schemas"]);
  if (mistakes.length > 0) throw validationFailed(mistakes);
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

/** The schemas of a validated body, as their texts; undefined where the body does not set them. */
function schemasIn(bodyText: string): EventType["schemas"] | undefined {
  const text = memberText(bodyText, "schemas");
  if (text === null) return undefined;
  const schemas = parsePrintable(text) as Readonly<Record<string, unknown>> | null;
  return schemas === null ? null : mapValues(schemas, (schema) => JSON.stringify(schema));
}

/** Schemas in the form of the API. */
export function shownSchemas(schemas: EventType["schemas"]): Record<string, unknown> | null {
  return schemas === null ? null : mapValues(schemas, parsePrintable);
}

function mapValues<From, To>(object: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
