import { expect, test } from "vitest";
import type { EventType } from "../../domain/event-type.ts";
import { limits } from "../../domain/limits.ts";
import { argumentsIn, definitionOf, type EventDefinition } from "./event-definitions.ts";

function typeWith(schema: unknown): EventType {
  return {
    ...{ name: "own.type", description: "", archived: false, deprecated: false, featureFlag: null, groupName: null },
    ...{ metadata: {}, createdAt: 0, updatedAt: 0, schemas: { "1": JSON.stringify(schema) } },
  };
}

function defined(properties: object): EventDefinition {
  const definition = definitionOf(typeWith({ type: "object", properties }), false);
  if (definition === null) throw new Error("The type has no definition.");
  return definition;
}

test("an argument is a field of the payload that is a scalar, and there are at most 20", () => {
  const fields = {
    text: { type: "string" },
    count: { type: ["integer", "null"] },
    state: { enum: ["a", "b"] },
    only: { const: true },
    nested: { type: "object" },
    list: { type: "array" },
    mixed: { type: ["string", "object"] },
    anything: true,
  };
  expect(Object.keys(defined(fields).inputSchema.properties as object)).toEqual(["text", "count", "state", "only"]);
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}`, { type: "string" }]));
  expect(Object.keys(defined(many).inputSchema.properties as object)).toHaveLength(limits.mcpArgumentsMax);
});

test("a type whose payloads may be no objects has no definition, and one without a schema allows any object", () => {
  for (const schema of [true, { type: "array" }, { type: "string" }]) {
    expect(definitionOf(typeWith(schema), false)).toBeNull();
  }
  const none = definitionOf({ ...typeWith({}), schemas: null }, false);
  expect(none).toMatchObject({ payloadSchema: { type: "object" }, inputSchema: { properties: {} } });
});

test("arguments become filters, and a value that does not fit is refused", () => {
  const definition = defined({ n: { type: "integer" }, s: { type: "string" }, b: { type: "boolean" } });
  expect(argumentsIn({ s: "x", n: [1, 2] }, definition)).toEqual({
    text: '{"n":[1,2],"s":"x"}',
    filters: '{"n":[1,2],"s":["x"]}',
  });
  expect(argumentsIn({}, definition)).toEqual({ text: "{}", filters: null });
  const wrong: Record<string, unknown>[] = [
    ...[{ n: 1.5 }, { n: "1" }, { n: 2 ** 53 }, { n: [] }, { n: [1, "x"] }, { n: null }, { s: {} }, { s: [[]] }],
    ...[{ b: 1 }, { toString: "x" }, JSON.parse('{"__proto__":"x"}'), { s: "x".repeat(10_000) }],
  ];
  for (const given of wrong) {
    expect(() => argumentsIn(given, definition), JSON.stringify(given)).toThrow(/arguments\./);
  }
});
