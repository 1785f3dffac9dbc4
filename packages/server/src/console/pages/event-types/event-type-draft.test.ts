import type { EventTypeDefinition } from "@weft/sdk";
import { expect, test } from "vitest";
import { bodyText } from "../../../../../sdk/src/json-text.ts";
import {
  changeOf,
  creationOf,
  draftOf,
  emptyDraft,
  mistakenVersion,
  schemaMistakes,
  schemaOf,
  withSchema,
} from "./event-type-draft.ts";

const type = {
  ...{ name: "invoice.paid", group: "invoice", description: "Paid.", deprecated: false, archived: false },
  ...{
    built_in: false,
    published_by_weft: false,
    schema: {},
    example: null,
    examples: [],
    schemas: null,
    feature_flag: null,
  },
  ...{ metadata: {}, created_at: "2026-01-01T00:00:00Z", modified_at: "2026-01-01T00:00:00Z" },
} as EventTypeDefinition;

function bodyOf(value: object): string {
  return bodyText(value);
}

test("a name alone makes an event type without a schema", () => {
  const body = creationOf({ ...emptyDraft, name: " invoice.paid " });
  expect(body).toEqual({ name: "invoice.paid", description: "", group: null, deprecated: false, schemas: null });
});

test("the example is the first of the schema's examples, with its numbers as they are written", () => {
  const written = { schema: '{"type":"object"}', example: '{"id":9007199254740993}' };
  const body = creationOf(withSchema({ ...emptyDraft, name: "a" }, "1", written));
  expect(bodyOf(body)).toContain('"schemas":{"1":{"type":"object","examples":[{"id":9007199254740993}]}}');
});

test("an event type that is not edited is not changed", () => {
  const schemas = { "1": '{"type":"object"}', "2": '{"type":"object","examples":[{"id":1},{"id":2}]}' };
  const draft = draftOf(type, schemas);
  expect(draft.group).toBe("");
  expect(schemaOf(draft, "2").example).toBe('{\n  "id": 1\n}');
  expect(changeOf(draft, draft, schemas)).toEqual({ description: "Paid.", deprecated: false });
});

test("an edit changes one version, and keeps the others and the further examples", () => {
  const schemas = { "9": '{"const":9007199254740993}', "10": '{"type":"object","examples":[{"id":1},{"id":2}]}' };
  const draft = draftOf(type, schemas);
  const changed = changeOf(withSchema(draft, "10", { example: '{"id":3}' }), draft, schemas);
  expect(bodyOf(changed)).toContain(
    '"schemas":{"9":{"const":9007199254740993},"10":{"type":"object","examples":[{"id":3},{"id":2}]}}',
  );
  const older = changeOf(withSchema(draft, "9", { schema: '{"const":9007199254740995}' }), draft, schemas);
  expect(bodyOf(older)).toContain(`"schemas":{"9":{"const":9007199254740995},"10":${schemas["10"]}}`);
});

test("examples that are not objects stay in the schema", () => {
  const schemas = { "1": '{"examples":["text"]}' };
  const draft = draftOf(type, schemas);
  expect(schemaOf(draft, "1")).toEqual({ example: "", schema: '{\n  "examples": [\n    "text"\n  ]\n}' });
});

test("a schema that is cleared is removed, unless older versions would take its place", () => {
  const one = { "1": '{"type":"object"}' };
  const draft = draftOf(type, one);
  expect(changeOf(withSchema(draft, "1", { schema: " " }), draft, one).schemas).toBeNull();
  const two = { ...one, "2": '{"type":"object"}' };
  const second = draftOf(type, two);
  expect(bodyOf(changeOf(withSchema(second, "2", { schema: "" }), second, two))).toContain('"2":{}');
});

test("a mistake in JSON is described with its line, and its version is found", () => {
  const mistaken = { schema: '{\n"a" 1}', example: "[]" };
  const { schema, example } = schemaMistakes(mistaken);
  expect(schema).toBe("This is not valid JSON. Line 2, column 5: a colon was expected.");
  expect(example).toBe("This is not a JSON object. It must begin with { and end with }.");
  expect(schemaMistakes(schemaOf(emptyDraft, "1"))).toEqual({ schema: null, example: null });
  expect(mistakenVersion(emptyDraft)).toBeNull();
  const draft = draftOf(type, { "1": "{}", "2": "{}" });
  expect(mistakenVersion(withSchema(draft, "1", mistaken))).toBe("1");
});
