/** One field of a payload, from its JSON Schema. */
export interface SchemaField {
  /** A dotted path for nested fields. */
  readonly path: string;
  readonly type: string;
  readonly description: string;
  readonly isRequired: boolean;
}

export type Schema = Readonly<Record<string, unknown>>;

const depthMax = 4;

/**
 * The fields of an object's schema, each followed by its nested fields. Missing keywords are left out and never an
 * error.
 */
export function schemaFields(schema: Schema): SchemaField[] {
  return fieldSchemas(schema).map(({ path, schema: field, isRequired }) => ({
    path,
    type: typeOf(field),
    description: typeof field.description === "string" ? field.description : "",
    isRequired,
  }));
}

/** A field with its own schema. */
export interface FieldSchema {
  readonly path: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

export function fieldSchemas(schema: Schema, before = "", depth = 0): FieldSchema[] {
  const properties = objectIn(schema.properties) ?? {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties).flatMap(([name, given]) => {
    const field = objectIn(given) ?? {};
    const path = `${before}${name}`;
    const own = { path, schema: field, isRequired: required.includes(name) };
    return depth < depthMax ? [own, ...fieldSchemas(field, `${path}.`, depth + 1)] : [own];
  });
}

function typeOf(field: Schema): string {
  if (Array.isArray(field.enum)) return field.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in field) return JSON.stringify(field.const);
  const choices = Array.isArray(field.anyOf) ? field.anyOf : Array.isArray(field.oneOf) ? field.oneOf : null;
  if (choices !== null) return choices.map((choice) => typeOf(objectIn(choice) ?? {})).join(" | ");
  const type = Array.isArray(field.type) ? field.type.join(" | ") : typeof field.type === "string" ? field.type : "any";
  return typeof field.format === "string" ? `${type} (${field.format})` : type;
}

function objectIn(value: unknown): Schema | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : null;
}
