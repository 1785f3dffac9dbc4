type Schema = { readonly [keyword: string]: unknown };

/** Keywords whose value is a schema, a list of schemas, or an object of schemas by name. */
const schemaKeywords = new Set([
  "additionalItems",
  "additionalProperties",
  "contains",
  "contentSchema",
  "else",
  "if",
  "items",
  "not",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);
const listKeywords = new Set(["allOf", "anyOf", "items", "oneOf", "prefixItems"]);
const mapKeywords = new Set([
  "$defs",
  "definitions",
  "dependentSchemas",
  "dependencies",
  "patternProperties",
  "properties",
]);

/**
 * A JSON Schema inside a larger document: references to its own parts (`#`, `#/definitions/…`) lead to its place there. The values
 * of `const`, `enum`, `default` and `examples` are data and stay as they are. The depth of a stored schema is bounded.
 */
export function placedSchema(schema: unknown, place: string): unknown {
  if (!isSchema(schema)) return schema;
  const placed = (value: unknown) => placedSchema(value, place);
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (keyword === "$ref" && typeof value === "string") return [keyword, placedReference(value, place)];
      if (listKeywords.has(keyword) && Array.isArray(value)) return [keyword, value.map(placed)];
      if (mapKeywords.has(keyword) && isSchema(value)) {
        return [keyword, Object.fromEntries(Object.entries(value).map(([name, part]) => [name, placed(part)]))];
      }
      return [keyword, schemaKeywords.has(keyword) ? placed(value) : value];
    }),
  );
}

function placedReference(reference: string, place: string): string {
  return reference === "#" || reference.startsWith("#/") ? `${place}${reference.slice(1)}` : reference;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}
