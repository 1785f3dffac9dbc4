import { type CreateEventTypeBody, type EventTypeDefinition, jsonText, type UpdateEventTypeBody } from "@weft/sdk";
import { parsePrintable } from "../../../domain/json-text.ts";
import type { SchemaTexts } from "../../api/event-types.ts";
import { texts } from "../../texts/texts.ts";
import { jsonMistake } from "../../ui/json/json-mistake.ts";

/** An event type as a user edits it: the texts of the form. */
export interface EventTypeDraft {
  readonly name: string;
  readonly description: string;
  /** Empty for the first part of the name. */
  readonly group: string;
  /** The newest version of the schema without its first example. Empty where any object is valid. */
  readonly schema: string;
  /** The first example. */
  readonly example: string;
  readonly deprecated: boolean;
}

export const emptyDraft: EventTypeDraft = {
  name: "",
  description: "",
  group: "",
  schema: "",
  example: "",
  deprecated: false,
};

export interface EventTypeMistakes {
  readonly schema: string | null;
  readonly example: string | null;
}

type JsonObject = Readonly<Record<string, unknown>>;

const firstVersion = "1";

export function draftOf(type: EventTypeDefinition, schemas: SchemaTexts): EventTypeDraft {
  const { examples, ...schema } = objectIn(schemas[newestVersion(schemas)] ?? "{}");
  const [first, ...others] = Array.isArray(examples) ? examples : [];
  const isShown = isObject(first);
  const rest = isShown ? (others.length > 0 ? { examples: others } : {}) : examples === undefined ? {} : { examples };
  const shown = { ...schema, ...rest };
  return {
    name: type.name,
    description: type.description,
    group: type.group === groupByName(type.name) ? "" : type.group,
    schema: Object.keys(shown).length === 0 ? "" : printed(shown),
    example: isShown ? printed(first) : "",
    deprecated: type.deprecated,
  };
}

/** The mistakes in the texts that are JSON. */
export function draftMistakes({ schema, example }: EventTypeDraft): EventTypeMistakes {
  return { schema: objectMistake(schema), example: objectMistake(example) };
}

export function creationOf(draft: EventTypeDraft): CreateEventTypeBody {
  const schema = schemaTextOf(draft);
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    group: groupOf(draft),
    deprecated: draft.deprecated,
    schemas: schema === null ? null : { [firstVersion]: jsonText(schema) },
  };
}

/** The changes of the newest version of the schema. The other versions stay. */
export function changeOf(draft: EventTypeDraft, initial: EventTypeDraft, schemas: SchemaTexts): UpdateEventTypeBody {
  const isSchemaChanged = draft.schema !== initial.schema || draft.example !== initial.example;
  return {
    description: draft.description.trim(),
    deprecated: draft.deprecated,
    ...(draft.group !== initial.group && { group: groupOf(draft) }),
    ...(isSchemaChanged && { schemas: changedSchemas(schemaTextOf(draft), schemas) }),
  };
}

function changedSchemas(schema: string | null, schemas: SchemaTexts): UpdateEventTypeBody["schemas"] {
  const newest = newestVersion(schemas);
  const isOnlyOne = Object.keys(schemas).length <= 1;
  if (schema === null && isOnlyOne) return null;
  const changed = { ...schemas, [newest]: schema ?? "{}" };
  return Object.fromEntries(Object.entries(changed).map(([version, text]) => [version, jsonText(text)]));
}

/** The schema with the first example among its examples; null where any object is valid. */
function schemaTextOf({ schema, example }: EventTypeDraft): string | null {
  if (schema.trim() === "" && example.trim() === "") return null;
  const given = schema.trim() === "" ? {} : objectIn(schema);
  if (example.trim() === "") return JSON.stringify(given);
  const others = Array.isArray(given.examples) ? given.examples : [];
  return JSON.stringify({ ...given, examples: [objectIn(example), ...others] });
}

function newestVersion(schemas: SchemaTexts): string {
  const versions = Object.keys(schemas).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return versions.at(-1) ?? firstVersion;
}

function objectMistake(text: string): string | null {
  if (text.trim() === "") return null;
  const mistake = jsonMistake(text);
  const { json } = texts.eventTypes.form;
  if (mistake !== null) return json.mistake(mistake.line, mistake.column, json.expected[mistake.expected]);
  return isObject(parsePrintable(text)) ? null : json.noObject;
}

function groupOf({ group }: EventTypeDraft): string | null {
  return group.trim() === "" ? null : group.trim();
}

function groupByName(name: string): string {
  return name.split(".")[0] ?? name;
}

function objectIn(text: string): JsonObject {
  const value = parsePrintable(text);
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function printed(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
