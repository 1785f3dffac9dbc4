import type { Mistake } from "../../domain/errors.ts";
import type { EventType, PayloadSchema } from "../../domain/event-type.ts";
import { limits } from "../../domain/limits.ts";
import { ownProperty } from "../../domain/own-property.ts";
import { shownText } from "../../http/kept-text.ts";
import { uid } from "../own-fields.ts";

/** An event type in the form that a document describes it. */
export type DescribedType = Omit<EventType, "archived" | "metadata" | "createdAt" | "updatedAt">;

type Json = Readonly<Record<string, unknown>>;
type JsonPath = readonly (string | number)[];

/** A mistake in a document, with its location. */
class DocumentMistake extends Error {
  readonly path: JsonPath;

  constructor(path: JsonPath, message: string) {
    super(message);
    this.path = path;
  }
}

/** Resolves to the reason why a schema cannot be stored for a name; null when it can. */
type SchemaMistake = (name: string, schema: PayloadSchema) => Promise<string | null>;

/**
 * The event types in the `webhooks` and `x-webhooks` of an OpenAPI document, each with its key as the name, and the mistakes in
 * others. The definitions that a payload's schema refers to are copied to its `$defs`.
 */
export async function webhooksIn(
  document: Json,
  schemaMistake: SchemaMistake,
): Promise<{ types: DescribedType[]; mistakes: Mistake[] }> {
  const types: DescribedType[] = [];
  const mistakes: Mistake[] = [];
  let schemaBytes = 0;
  for (const section of ["webhooks", "x-webhooks"]) {
    for (const [name, item] of Object.entries(objectOr(ownProperty(document, section), {}))) {
      try {
        const type = await typeIn(document, { path: [section, name], name, item }, schemaMistake);
        schemaBytes += Buffer.byteLength(JSON.stringify(type.schemas ?? null));
        if (schemaBytes > limits.importedSchemasBytesMax) {
          throw new DocumentMistake(
            [section, name],
            "The schemas up to here have more than 16 MiB. Import fewer at once.",
          );
        }
        types.push(type);
      } catch (error) {
        if (!(error instanceof DocumentMistake)) throw error;
        mistakes.push({ loc: [...error.path], msg: error.message, type: "value_error" });
        const isOver = schemaBytes > limits.importedSchemasBytesMax || mistakes.length >= limits.payloadMistakesMax;
        if (isOver) return { types, mistakes };
      }
    }
  }
  return { types, mistakes };
}

async function typeIn(
  document: Json,
  { path, name, item }: { path: JsonPath; name: string; item: unknown },
  schemaMistake: SchemaMistake,
): Promise<DescribedType> {
  if (!uid.safeParse(name).success) {
    throw new DocumentMistake(path, "The name of an event type has only letters, digits, - _ and .");
  }
  const pathItem = followed(document, item, path);
  const at = [...path, "post"];
  const operation = followed(document, pathItem.post, at);
  const text = textOf(operation.description ?? operation.summary ?? pathItem.description ?? pathItem.summary ?? name);
  const description = shownText.safeParse(text);
  if (!description.success) {
    throw new DocumentMistake(
      [...at, "description"],
      `A description has at most ${limits.descriptionLengthMax} characters, and no control characters.`,
    );
  }
  const found = payloadSchema(document, operation, at);
  const mistake = found === null ? null : await schemaMistake(name, found.schema);
  if (found !== null && mistake !== null) throw new DocumentMistake(found.path, mistake);
  const schema = found?.schema ?? null;
  return {
    name,
    description: description.data,
    deprecated: operation.deprecated === true,
    schemas: schema === null ? null : { "1": schema },
    featureFlag: nameIn(operation, "x-svix-feature-flag", at) ?? firstFlag(operation, at),
    groupName: nameIn(operation, "x-svix-group-name", at),
  };
}

/** The JSON Schema of the request body with its location; null if the operation has no body. */
function payloadSchema(
  document: Json,
  operation: Json,
  at: JsonPath,
): { readonly schema: PayloadSchema; readonly path: JsonPath } | null {
  if (operation.requestBody === undefined) return null;
  const path = [...at, "requestBody"];
  const content = objectOr(followed(document, operation.requestBody, path).content, {});
  const media = Object.keys(content).find((name) => /^application\/([\w.-]+\+)?json\b/i.test(name));
  if (media === undefined) return null;
  const { schema } = objectOr(content[media], {});
  if (schema === undefined) return null;
  const schemaPlace = [...path, "content", media, "schema"];
  return { schema: JSON.stringify(withDefinitions(document, schema, schemaPlace)), path: schemaPlace };
}

const components = "#/components/schemas/";

/** A self-contained schema: references to the document's components point to its own `$defs`. */
function withDefinitions(document: Json, schema: unknown, path: JsonPath): Json {
  const definitions = new Map<string, unknown>();
  /** Referenced definitions that are not copied yet. They may form a long chain of references. */
  const named: { name: string; definition: unknown }[] = [];
  let values = 0;
  const own = moved(schema);
  for (let next = named.pop(); next !== undefined; next = named.pop()) {
    definitions.set(next.name, moved(next.definition));
  }
  if (typeof own !== "object" || own === null || Array.isArray(own)) {
    throw new DocumentMistake(path, "A payload's schema is an object.");
  }
  const $defs = { ...objectOr((own as Json).$defs, {}), ...Object.fromEntries(definitions) };
  return {
    // OpenAPI 3.1 uses JSON Schema 2020-12; the dialect of 3.0 is closer to draft 7.
    ...(String(document.openapi).startsWith("3.0") ? {} : { $schema: "https://json-schema.org/draft/2020-12/schema" }),
    ...own,
    ...(Object.keys($defs).length > 0 && { $defs }),
  };

  function moved(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(moved);
    // A number that keeps its text is also represented as an object.
    if (typeof value !== "object" || value === null || JSON.isRawJSON(value)) return value;
    values += 1;
    if (values > limits.schemaValuesMax) {
      throw new DocumentMistake(
        path,
        `A schema has at most ${limits.schemaValuesMax} values, including its references.`,
      );
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        key,
        key === "$ref" && typeof member === "string" ? movedReference(member) : moved(member),
      ]),
    );
  }

  function movedReference(reference: string): string {
    if (!reference.startsWith(components)) {
      throw new DocumentMistake(path, `Only references to ${components} are followed in schemas, not ${reference}.`);
    }
    const pointer = reference.slice(components.length);
    const [step = ""] = pointer.split("/");
    const name = unescaped(step);
    if (!definitions.has(name)) {
      const definition = ownProperty(objectOr(objectOr(document.components, {}).schemas, {}), name);
      if (definition === undefined) throw new DocumentMistake(path, `There is no ${reference} in the document.`);
      definitions.set(name, null);
      named.push({ name, definition });
    }
    return `#/$defs/${pointer}`;
  }
}

const referencesMax = 10;

/** An object of the document, or the target of a reference in its place. */
function followed(document: Json, value: unknown, path: JsonPath): Json {
  let found = value;
  for (let step = 0; step < referencesMax; step++) {
    if (typeof found !== "object" || found === null || Array.isArray(found)) break;
    const { $ref: reference } = found as Json;
    if (typeof reference !== "string") return found as Json;
    if (!reference.startsWith("#/")) {
      throw new DocumentMistake(path, `Only references within the document are followed, not ${reference}.`);
    }
    found = reference
      .slice(2)
      .split("/")
      .reduce((inner: unknown, key) => ownProperty(objectOr(inner, {}), unescaped(key)), document);
  }
  throw new DocumentMistake(path, "There is no object here.");
}

// Source: RFC 6901, sections 3 and 6.
function unescaped(step: string): string {
  return decoded(step).replaceAll("~1", "/").replaceAll("~0", "~");
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    // Some generators do not encode a %.
    return step;
  }
}

function nameIn(operation: Json, field: string, at: JsonPath): string | null {
  const given = operation[field];
  if (given === undefined || given === null) return null;
  const checked = uid.safeParse(given);
  if (checked.success) return checked.data;
  throw new DocumentMistake([...at, field], "A name has only letters, digits, - _ and .");
}

function firstFlag(operation: Json, at: JsonPath): string | null {
  const flags = operation["x-svix-feature-flags"];
  if (!Array.isArray(flags) || flags.length === 0) return null;
  if (flags.length === 1) return nameIn({ flag: flags[0] as unknown }, "flag", [...at, "x-svix-feature-flags"]);
  throw new DocumentMistake([...at, "x-svix-feature-flags"], "An event type has one feature flag at most.");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function objectOr(value: unknown, otherwise: Json): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : otherwise;
}
