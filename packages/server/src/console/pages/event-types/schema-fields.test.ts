import fc from "fast-check";
import { expect, test } from "vitest";
import { schemaFields } from "./schema-fields.ts";

test("fields are listed with their type and whether they are required, including those inside objects", () => {
  const schema = {
    required: ["id"],
    properties: {
      id: { type: "string", format: "uuid", description: "Which one." },
      state: { enum: ["on", "off"] },
      count: { type: ["integer", "null"] },
      kind: { const: 1 },
      of: { anyOf: [{ type: "string" }, { type: "null" }] },
      inner: { type: "object", properties: { deep: { type: "boolean" } } },
    },
  };
  expect(schemaFields(schema)).toEqual([
    { path: "id", type: "string (uuid)", description: "Which one.", isRequired: true },
    { path: "state", type: '"on" | "off"', description: "", isRequired: false },
    { path: "count", type: "integer | null", description: "", isRequired: false },
    { path: "kind", type: "1", description: "", isRequired: false },
    { path: "of", type: "string | null", description: "", isRequired: false },
    { path: "inner", type: "object", description: "", isRequired: false },
    { path: "inner.deep", type: "boolean", description: "", isRequired: false },
  ]);
});

test("no value in place of a schema throws", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("properties", "required", "type"), fc.jsonValue()), (schema) => {
      schemaFields(schema);
    }),
  );
});
