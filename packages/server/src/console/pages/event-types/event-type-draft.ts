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
  readonly deprecated: boolean;
  /** The schemas by version, the newest one last. */
  readonly schemas: ReadonlyMap<string, SchemaDraft>;
}

/** One version of the schema. */
export interface SchemaDraft {
  /** The schema without its first example. Empty where any object is valid. */
  readonly schema: string;
  /** The first example. */
  readonly example: string;
}

const firstVersion = "1";
const emptySchema: SchemaDraft = { schema: "", example: "" };

export const emptyDraft: EventTypeDraft = {
  name: "",
  description: "",
  group: "",
  deprecated: false,
  schemas: new Map([[firstVersion, emptySchema]]),
};

export interface SchemaMistakes {
  readonly schema: string | null;
  readonly example: string | null;
}

type JsonObject = Readonly<Record<string, unknown>>;

export function draftOf(type: EventTypeDefinition, schemas: SchemaTexts): EventTypeDraft {
  const versions = Object.keys(schemas).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return {
    name: type.name,
    description: type.description,
    group: type.group === groupByName(type.name) ? "" : type.group,
    deprecated: type.deprecated,
    schemas:
      versions.length === 0
        ? emptyDraft.schemas
        : new Map(versions.map((version) => [version, schemaDraftOf(schemas[version] ?? "{}")])),
  };
}

function schemaDraftOf(text: string): SchemaDraft {
  const { examples, ...schema } = objectIn(text);
  const [first, ...others] = Array.isArray(examples) ? examples : [];
  const isShown = isObject(first);
  const rest = isShown ? (others.length > 0 ? { examples: others } : {}) : examples === undefined ? {} : { examples };
  const shown = { ...schema, ...rest };
  return {
    schema: Object.keys(shown).length === 0 ? "" : printed(shown),
    example: isShown ? printed(first) : "",
  };
}

/** The version that validates payloads. */
export function newestVersion({ schemas }: EventTypeDraft): string {
  return [...schemas.keys()].at(-1) ?? firstVersion;
}

export function schemaOf({ schemas }: EventTypeDraft, version: string): SchemaDraft {
  return schemas.get(version) ?? emptySchema;
}

export function withSchema(draft: EventTypeDraft, version: string, part: Partial<SchemaDraft>): EventTypeDraft {
  const changed = { ...schemaOf(draft, version), ...part };
  return { ...draft, schemas: new Map(draft.schemas).set(version, changed) };
}

/** The mistakes in the texts that are JSON. */
export function schemaMistakes({ schema, example }: SchemaDraft): SchemaMistakes {
  return { schema: objectMistake(schema), example: objectMistake(example) };
}

/** A version with a mistake, the newest first; null without mistakes. */
export function mistakenVersion({ schemas }: EventTypeDraft): string | null {
  const found = [...schemas].toReversed().find(([, draft]) => {
    const { schema, example } = schemaMistakes(draft);
    return schema !== null || example !== null;
  });
  return found?.[0] ?? null;
}

export function creationOf(draft: EventTypeDraft): CreateEventTypeBody {
  const schema = schemaTextOf(schemaOf(draft, firstVersion));
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    group: groupOf(draft),
    deprecated: draft.deprecated,
    schemas: schema === null ? null : { [firstVersion]: jsonText(schema) },
  };
}

/** The changes to send. Versions of the schema that were not edited stay as they are. */
export function changeOf(draft: EventTypeDraft, initial: EventTypeDraft, schemas: SchemaTexts): UpdateEventTypeBody {
  const edited = [...draft.schemas].filter(([version, { schema, example }]) => {
    const before = schemaOf(initial, version);
    return schema !== before.schema || example !== before.example;
  });
  return {
    description: draft.description.trim(),
    deprecated: draft.deprecated,
    ...(draft.group !== initial.group && { group: groupOf(draft) }),
    ...(edited.length > 0 && { schemas: changedSchemas(edited, schemas) }),
  };
}

function changedSchemas(
  edited: readonly (readonly [version: string, draft: SchemaDraft])[],
  schemas: SchemaTexts,
): UpdateEventTypeBody["schemas"] {
  const texts = new Map(Object.entries(schemas));
  const isOnlyOne = texts.size <= 1;
  for (const [version, draft] of edited) {
    const text = schemaTextOf(draft);
    if (text === null && isOnlyOne) return null;
    texts.set(version, text ?? "{}");
  }
  return Object.fromEntries([...texts].map(([version, text]) => [version, jsonText(text)]));
}

/** The schema with the first example among its examples; null where any object is valid. */
function schemaTextOf({ schema, example }: SchemaDraft): string | null {
  if (schema.trim() === "" && example.trim() === "") return null;
  const given = schema.trim() === "" ? {} : objectIn(schema);
  if (example.trim() === "") return JSON.stringify(given);
  const others = Array.isArray(given.examples) ? given.examples : [];
  return JSON.stringify({ ...given, examples: [objectIn(example), ...others] });
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
