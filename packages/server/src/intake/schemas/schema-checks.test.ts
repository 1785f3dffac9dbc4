import { afterAll, expect, test } from "vitest";
import type { OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { openSandboxes } from "../../open-sandboxes.ts";
import { SchemaChecks, storedSchema } from "./schema-checks.ts";

const sandboxes = openSandboxes();
afterAll(() => sandboxes[Symbol.asyncDispose]());
const checks = new SchemaChecks(sandboxes.checks);
const tenant = "01973d2a-7c00-7a11-8d52-6f0b3c9e4a10" as OrganizationId;

function mistakesIn(schema: object, payload: unknown, organizationId = tenant) {
  return checks.mistakesIn({
    eventType: "a.b",
    schema: storedSchema(JSON.stringify(schema)),
    payloadText: JSON.stringify(payload),
    organizationId,
    loc: ["body", "payload"],
  });
}

test("a payload is checked in another process, and each mistake has its location", async () => {
  const schema = { type: "object", required: ["a"], properties: { "x/y": { type: "string" }, n: { const: 3 } } };
  expect(await mistakesIn(schema, { a: 1, "x/y": "" })).toEqual([]);
  expect(await mistakesIn(schema, { "x/y": 1, n: 4 })).toEqual([
    { loc: ["body", "payload", "a"], msg: "The event type's schema requires this field.", type: "missing" },
    { loc: ["body", "payload", "x/y"], msg: "Must be string.", type: "schema_type" },
    { loc: ["body", "payload", "n"], msg: "Must be 3.", type: "schema_const" },
  ]);
});

test("names that every object inherits are ordinary fields", async () => {
  for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
    expect(await mistakesIn({ required: [name] }, {}), name).toHaveLength(1);
    expect(await mistakesIn({ required: [name] }, JSON.parse(`{"${name}":1}`)), name).toEqual([]);
  }
});

test.each([
  ["a pattern with nested repetition", { properties: { a: { pattern: "^(a+)+$" } } }, { a: `${"a".repeat(50_000)}!` }],
  [
    "a name pattern with nested repetition",
    { patternProperties: { "^(a+)+$": { type: "string" } } },
    { [`${"a".repeat(50_000)}!`]: 1 },
  ],
])("%s takes negligible time", async (_, schema, payload) => {
  const mistakes = await mistakesIn({ ...schema, required: ["z"] }, payload);
  expect(mistakes.map(({ type }) => type)).toContain("missing");
});

test("fifty of sixty thousand mistakes are reported, each of a bounded length", async () => {
  const many = await mistakesIn({ properties: { a: { items: { type: "string" } } } }, { a: Array(60_000).fill(1) });
  expect(many).toHaveLength(limits.payloadMistakesMax);
  const key = "k".repeat(100_000);
  const [long] = await mistakesIn({ additionalProperties: { const: "v".repeat(100_000) } }, { [key]: 1 });
  expect(JSON.stringify(long).length).toBeLessThan(3 * limits.mistakeLengthMax);
});

test("a deeply nested payload is a mistake of the payload", async () => {
  const payloadText = `${"[".repeat(120_000)}${"]".repeat(120_000)}`;
  const mistakes = await checks.mistakesIn({
    eventType: "a.b",
    schema: storedSchema('{"items":{"$ref":"#"}}'),
    payloadText,
    organizationId: tenant,
    loc: ["body", "payload"],
  });
  expect(mistakes).toEqual([expect.objectContaining({ msg: expect.stringContaining("nested too deeply") })]);
});

test.each([
  undefined,
  "http://json-schema.org/draft-07/schema#",
  "https://json-schema.org/draft/2019-09/schema",
  "https://json-schema.org/draft/2020-12/schema",
])("a schema of the draft %s may refer to itself", async ($schema) => {
  const schema = { ...($schema && { $schema }), required: ["n"], properties: { next: { $ref: "#" } } };
  expect(await checks.schemaMistake(JSON.stringify(schema), "operators")).toBeNull();
  expect(await mistakesIn(schema, { n: 1, next: { n: 2 } })).toEqual([]);
  expect(await mistakesIn(schema, { n: 1, next: {} })).toHaveLength(1);
});

test.each([
  [{ $schema: "http://json-schema.org/draft-04/schema#" }, "Supported are http://json-schema.org/draft-07/schema"],
  [{ $schema: "https://example.com/mine" }, "Supported are"],
  [{ $async: true, required: ["x"] }, "$async"],
  [{ definitions: { x: { $async: true } }, $ref: "#/definitions/x" }, "async"],
  [{ type: "nonsense" }, "/type"],
  [{ pattern: "(?=a)" }, "look-ahead"],
  [{ properties: { a: { pattern: "(?<!a)b" } } }, "look-behind"],
  [{ patternProperties: { "(a)\\1": { type: "string" } } }, "a back-reference"],
  [{ pattern: "(a{1000}){1000}" }, "too large"],
  [{ pattern: "(" }, "not a regular expression"],
  [{ $ref: "https://example.com/other" }, "can't resolve"],
  [{ description: "x".repeat(limits.schemaBytesMax) }, "bytes"],
  [{ enum: Array(limits.schemaValuesMax + 1).fill(1) }, "values"],
  [nested(limits.schemaDepthMax), "levels"],
  [`${'{"not":'.repeat(10_000)}{}${"}".repeat(10_000)}`, "levels"],
])("a schema that cannot be used is refused with the reason: %#", async (schema, reason) => {
  const text = typeof schema === "string" ? schema : JSON.stringify(schema);
  expect(await checks.schemaMistake(text, "operators")).toContain(reason);
});

test("payloads are checked against more schemas than are kept compiled", async () => {
  const schemas = Array.from({ length: limits.compiledSchemasMax * 3 }, (_, n) => ({ required: [`field ${n}`] }));
  for (const round of [1, 2]) {
    const results = await Promise.all(schemas.map((schema) => mistakesIn(schema, {})));
    expect(
      results.every((mistakes) => mistakes.length === 1),
      `round ${round}`,
    ).toBe(true);
  }
});

test("when no process can be started, the caller is asked to retry", async () => {
  const closed = openSandboxes();
  await closed[Symbol.asyncDispose]();
  const none = new SchemaChecks(closed.checks);
  await expect(none.schemaMistake("{}", "operators")).rejects.toMatchObject({ code: "unavailable" });
});

function nested(levels: number): object {
  let schema: object = {};
  for (let level = 0; level < levels; level++) schema = { not: schema };
  return schema;
}
