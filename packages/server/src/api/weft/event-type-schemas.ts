import { z } from "zod";
import { isOnlyAccepted } from "../../domain/event-catalogue.ts";
import { type EventType, exampleOf, examplesOf, groupOf, newestSchema } from "../../domain/event-type.ts";
import { identifierCharacters, identifierRule } from "../../domain/event-type-name.ts";
import { parsePrintable } from "../../domain/json-text.ts";
import { limits } from "../../domain/limits.ts";
import type { EventTypeFields } from "../../event-types/event-types.ts";
import { shownSchemas } from "../../event-types/schema-texts.ts";
import { jsonObject, mapOf } from "../../http/caller-objects.ts";
import { shownText } from "../../http/kept-text.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import { metadata, shownMetadata } from "../own-fields.ts";

const identifier = z.string().max(limits.uidLengthMax).regex(identifierCharacters, { error: identifierRule });

const fields = {
  description: shownText,
  schemas: mapOf(jsonObject(), { keysMax: limits.schemaVersionsMax })
    .nullable()
    .describe(
      "JSON Schemas of the payload by version, such as `1`. The newest version validates payloads, and its `examples` are the examples of the event type. Null accepts any object.",
    ),
  group: identifier.nullable().describe("Null for the first part of the name."),
  archived: z.boolean().describe("New subscriptions cannot select an archived type. Its events are still delivered."),
  deprecated: z.boolean().describe("A note for readers of the catalogue, without any effect."),
  feature_flag: identifier.nullable().describe("Only application tokens with this flag see the type; null for all."),
  metadata: metadata.describe("Data that you store with the event type."),
};

export const updateEventTypeRequest = z.strictObject(fields).partial();
export const createEventTypeRequest = updateEventTypeRequest.extend({ name: identifier });

/** The fields of a validated body that are set, except its schemas, which keep the numbers of its text. */
export function definedFields(
  body: z.output<typeof updateEventTypeRequest>,
): Partial<Omit<EventTypeFields, "schemas">> {
  const { description, archived, deprecated, group, feature_flag: featureFlag, metadata } = body;
  return {
    ...(description !== undefined && { description }),
    ...(archived !== undefined && { archived }),
    ...(deprecated !== undefined && { deprecated }),
    ...(group !== undefined && { groupName: group }),
    ...(featureFlag !== undefined && { featureFlag }),
    ...(metadata !== undefined && { metadata }),
  };
}

const listedFields = {
  name: z.string(),
  group: z.string(),
  description: z.string(),
  schema: z.looseObject({}).describe("JSON Schema of the payload: the newest version."),
  example: z.looseObject({}).nullable().describe("Null for a type whose schema has no example."),
  archived: z.boolean(),
  deprecated: z.boolean(),
  metadata: shownMetadata,
  built_in: z.boolean().describe("Whether it is one of Weft's own, which cannot be changed or deleted."),
  published_by_weft: z
    .boolean()
    .describe("Whether Weft itself publishes events of this type. Otherwise only callers of the API do."),
};

export const eventTypeResponse = z.object(listedFields).meta({ id: "EventType" });

export const definedTypeResponse = z
  .object({
    ...listedFields,
    examples: z.array(z.looseObject({})).describe("The `examples` of the newest schema that are objects."),
    schemas: z.record(z.string(), z.looseObject({})).nullable().describe("JSON Schemas of the payload by version."),
    feature_flag: z.string().nullable(),
    created_at: timeResponse,
    modified_at: timeResponse,
  })
  .meta({ id: "EventTypeDefinition", description: "An event type with all versions of its JSON Schema." });

export function eventTypeOf(type: EventType, { isBuiltIn }: { isBuiltIn: boolean }): z.input<typeof eventTypeResponse> {
  return {
    name: type.name,
    group: groupOf(type),
    description: type.description,
    schema: parsePrintable(newestSchema(type) ?? "{}") as Record<string, unknown>,
    example: exampleOf(type),
    archived: type.archived,
    deprecated: type.deprecated,
    metadata: { ...type.metadata },
    built_in: isBuiltIn,
    published_by_weft: isBuiltIn && !isOnlyAccepted(type.name),
  };
}

export function definedTypeOf(
  type: EventType,
  { isBuiltIn }: { isBuiltIn: boolean },
): z.input<typeof definedTypeResponse> {
  return {
    ...eventTypeOf(type, { isBuiltIn }),
    examples: [...examplesOf(type)],
    schemas: shownSchemas(type.schemas) as Record<string, Record<string, unknown>> | null,
    feature_flag: type.featureFlag,
    created_at: isoTime(type.createdAt),
    modified_at: isoTime(type.updatedAt),
  };
}
