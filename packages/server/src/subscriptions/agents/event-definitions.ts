import type { EventType } from "../../domain/event-type.ts";
import { newestSchema } from "../../domain/event-type.ts";
import { filtersText } from "../../domain/filters.ts";
import { limits } from "../../domain/limits.ts";
import { canonicalJson, McpError } from "../../domain/mcp-subscription.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** The ways in which an agent gets events. */
const deliveryModes = ["webhook", "poll"] as const;

/** A type of event that agents can subscribe to, as `events/list` shows it. */
export interface EventDefinition {
  readonly name: string;
  readonly description: string;
  readonly delivery: typeof deliveryModes;
  readonly inputSchema: JsonSchema;
  readonly payloadSchema: JsonSchema;
}

/** The fields of Weft's own events that identify what an event is about. */
const ownFields = ["collection_readable_id", "source_connection_id", "source_type"];
const scalarTypes = ["string", "number", "integer", "boolean"];

/** Schemas are parsed once, because an operator can define large ones. */
const definitions = new WeakMap<EventType, EventDefinition>();

/** The definition of a type; null for one that agents cannot subscribe to, because its payloads may be no objects. */
export function definitionOf(type: EventType, isOwn: boolean): EventDefinition | null {
  const known = definitions.get(type);
  if (known !== undefined) return known;
  const schema = JSON.parse(newestSchema(type) ?? "{}") as JsonSchema | boolean;
  if (typeof schema === "boolean" || !allowsObjects(schema)) return null;
  const definition: EventDefinition = {
    name: type.name,
    description: type.description === "" ? `Events of the type ${type.name}.` : type.description,
    delivery: deliveryModes,
    inputSchema: inputSchemaOf(fieldsOf(schema, isOwn)),
    payloadSchema: { ...schema, type: "object" },
  };
  definitions.set(type, definition);
  return definition;
}

function allowsObjects({ type }: JsonSchema): boolean {
  return type === undefined || [type].flat().includes("object");
}

function fieldsOf({ properties }: JsonSchema, isOwn: boolean): [string, string[]][] {
  if (typeof properties !== "object" || properties === null) return [];
  return Object.entries(properties)
    .filter(([name]) => !isOwn || ownFields.includes(name))
    .flatMap(([name, property]): [string, string[]][] => {
      const types = scalarTypesOf(property as JsonSchema | boolean);
      return types.length === 0 ? [] : [[name, types]];
    })
    .slice(0, limits.mcpArgumentsMax);
}

function scalarTypesOf(property: JsonSchema | boolean): string[] {
  if (typeof property === "boolean") return [];
  const { type, enum: values, const: only } = property;
  const listed = Array.isArray(values) ? values : only === undefined ? null : [only];
  const types = [type].flat().filter((one): one is string => typeof one === "string");
  if (types.length === 0 && listed !== null) return [...new Set(listed.map((value) => typeof value))].filter(isScalar);
  return types.every((one) => isScalar(one) || one === "null") ? types.filter(isScalar) : [];
}

function isScalar(type: string): boolean {
  return scalarTypes.includes(type);
}

function inputSchemaOf(fields: readonly [string, string[]][]): JsonSchema {
  const properties = fields.map(([name, types]) => {
    const value = { type: types.length === 1 ? types[0] : types };
    const several = { type: "array", items: value, minItems: 1, maxItems: limits.mcpArgumentValuesMax };
    return [
      name,
      { anyOf: [value, several], description: `Only events whose ${name} is this value, or one of these.` },
    ];
  });
  return { type: "object", properties: Object.fromEntries(properties), additionalProperties: false };
}

/** The arguments of a subscription in canonical form, and the filters that they mean. Throws when they do not fit. */
export function argumentsIn(
  given: Readonly<Record<string, unknown>>,
  { inputSchema }: EventDefinition,
): { text: string; filters: string | null } {
  const properties = inputSchema.properties as Readonly<
    Record<string, { anyOf: readonly [{ type: string | string[] }] }>
  >;
  for (const [name, value] of Object.entries(given)) {
    const field = `arguments.${name.slice(0, limits.mistakeTextLengthMax)}`;
    if (!Object.hasOwn(properties, name)) throw invalid(field, "The event has no such argument.");
    const types = [properties[name]?.anyOf[0].type ?? []].flat();
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (values.length === 0 || values.length > limits.mcpArgumentValuesMax) {
      throw invalid(field, `A list has 1 to ${limits.mcpArgumentValuesMax} values.`);
    }
    for (const one of values) requireType(one, types, field);
  }
  const text = canonicalJson(given);
  const filters = filtersText(text);
  if (typeof filters !== "string") throw invalid(`arguments.${filters.field}`, "The value is too long.");
  return { text, filters: filters === "{}" ? null : filters };
}

function requireType(value: unknown, types: readonly string[], field: string): void {
  const isInteger = typeof value === "number" && Number.isInteger(value);
  // Two such integers could be equal in JavaScript, and then two subscriptions would be one.
  if (isInteger && !Number.isSafeInteger(value)) throw invalid(field, "The integer is too large.");
  const isFitting = types.includes(typeof value) || (isInteger && types.includes("integer"));
  if (!isFitting) throw invalid(field, `Expected a value of the type ${types.join(" or ")}, or a list of them.`);
}

export function invalid(field: string, message: string): McpError {
  return new McpError("invalid_params", `${field}: ${message}`, { field });
}

/** Whether a subscription with these arguments, in canonical form, can be made for an event. */
export function acceptsArguments(text: string, definition: EventDefinition): boolean {
  try {
    argumentsIn(JSON.parse(text) as Readonly<Record<string, unknown>>, definition);
    return true;
  } catch (error) {
    if (error instanceof McpError) return false;
    throw error;
  }
}
