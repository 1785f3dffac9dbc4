import { expect, test } from "vitest";
import { placedSchema } from "./local-references.ts";

const place = "#/components/schemas/invoice.paid";

test("references to parts of a schema lead to their new place, at every depth", () => {
  const schema = {
    $ref: "#/definitions/invoice",
    definitions: { invoice: { properties: { parent: { $ref: "#" }, lines: { items: { $ref: "#/$defs/line" } } } } },
    $defs: { line: { anyOf: [{ $ref: "#/definitions/invoice" }, { not: { $ref: "#/$defs/line" } }] } },
  };
  expect(placedSchema(schema, place)).toEqual({
    $ref: `${place}/definitions/invoice`,
    definitions: {
      invoice: { properties: { parent: { $ref: place }, lines: { items: { $ref: `${place}/$defs/line` } } } },
    },
    $defs: { line: { anyOf: [{ $ref: `${place}/definitions/invoice` }, { not: { $ref: `${place}/$defs/line` } }] } },
  });
});

test("other references, data, and properties with the names of keywords stay as they are", () => {
  const schema = {
    properties: {
      $ref: { type: "string" },
      examples: { $ref: "https://example.com/schema#/a" },
      const: { const: { $ref: "#/data" } },
    },
    examples: [{ $ref: "#/data" }],
    enum: [{ $ref: "#/data" }],
    default: { properties: { a: { $ref: "#/data" } } },
  };
  expect(placedSchema(schema, place)).toEqual(schema);
});

test("schemas that are true or false, and members that are no schemas, are kept", () => {
  expect(placedSchema(true, place)).toBe(true);
  expect(placedSchema({ items: false, properties: null, allOf: 1 }, place)).toEqual({
    items: false,
    properties: null,
    allOf: 1,
  });
});
