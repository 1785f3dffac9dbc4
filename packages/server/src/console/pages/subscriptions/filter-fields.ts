import { fieldSchemas, type Schema } from "../event-types/schema-fields.ts";
import { type FilterValue, textOf } from "./filter-values.ts";

/** A field of payloads that a filter can name. */
export interface FilterField {
  /** A dotted path for nested fields. */
  readonly path: string;
  /** Whether its values are texts: then `12` is the text of two digits. */
  readonly isText: boolean;
  /** All values that the schema allows, as texts of a filter; null if it allows others. */
  readonly choices: readonly string[] | null;
  /** Some values of recent payloads, as texts of a filter. */
  readonly seen: readonly string[];
}

type Payload = Readonly<Record<string, unknown>>;

const fieldsMax = 300;
const choicesMax = 100;
const seenMax = 20;
const depthMax = 4;

/** The fields that schemas and recent payloads have. Objects and lists are left out, because no filter matches them. */
export function filterFields(schemas: readonly Schema[], payloads: readonly Payload[]): readonly FilterField[] {
  const fields = new Map<string, FilterField>();
  for (const { path, schema } of schemas.flatMap((schema) => fieldSchemas(schema))) {
    if (fields.size === fieldsMax) break;
    if (!isSimple(schema)) continue;
    const known = fields.get(path);
    const field = { path, isText: schema.type === "string", choices: choicesOf(schema), seen: [] };
    fields.set(path, known === undefined ? field : merged(known, field));
  }
  for (const { path, value } of payloads.flatMap((payload) => [...valuesOf(payload)])) {
    const known = fields.get(path);
    if (known === undefined && fields.size === fieldsMax) continue;
    const field = known ?? { path, isText: typeof value === "string", choices: null, seen: [] };
    const text = shownValue(value);
    const isNew = text !== null && !field.seen.includes(text) && field.seen.length < seenMax;
    fields.set(path, isNew ? { ...field, seen: [...field.seen, text] } : field);
  }
  return [...fields.values()];
}

/** The field of several event types: each may allow other values. */
function merged(one: FilterField, other: FilterField): FilterField {
  const choices =
    one.choices === null || other.choices === null ? null : [...new Set([...one.choices, ...other.choices])];
  return { ...one, isText: one.isText && other.isText, choices };
}

function isSimple({ type, properties, items }: Schema): boolean {
  return type !== "object" && type !== "array" && properties === undefined && items === undefined;
}

function choicesOf(schema: Schema): string[] | null {
  const values = "const" in schema ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : booleansOf(schema);
  if (values === null || values.length > choicesMax || !values.every(isFilterValue)) return null;
  return values.flatMap((value) => shownValue(value) ?? []);
}

function booleansOf({ type }: Schema): FilterValue[] | null {
  if (type === "boolean") return [true, false];
  const isNullable = Array.isArray(type) && type.length === 2 && type.includes("boolean") && type.includes("null");
  return isNullable ? [true, false, null] : null;
}

function isFilterValue(value: unknown): value is FilterValue {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/** The simple values of a payload. */
function* valuesOf(payload: Payload, before = "", depth = 0): Generator<{ path: string; value: FilterValue }> {
  for (const [name, value] of Object.entries(payload)) {
    const path = `${before}${name}`;
    if (isFilterValue(value)) yield { path, value };
    else if (depth < depthMax && typeof value === "object" && value !== null && !Array.isArray(value)) {
      yield* valuesOf(value as Payload, `${path}.`, depth + 1);
    }
  }
}

const seenLengthMax = 200;

/** Null for values that this page would round, and for long texts. */
function shownValue(value: FilterValue): string | null {
  if (typeof value === "string") return value.length > seenLengthMax ? null : textOf(value);
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) return null;
  return String(value);
}
