import fc from "fast-check";
import { expect, test } from "vitest";
import { conditionOf, typedValue, withCondition, withTypedValue } from "./filter-conditions.ts";
import { filterFields } from "./filter-fields.ts";
import { valuesIn } from "./filter-values.ts";

test("fields come from schemas and from payloads, with the values that filters can name", () => {
  const schema = {
    properties: {
      status: { enum: ["on", "12"] },
      live: { type: "boolean" },
      name: { type: "string" },
      items: { type: "array", items: { type: "string" } },
      owner: { type: "object", properties: { id: { type: "integer" } } },
    },
  };
  const payloads = [
    { name: "Finance, EU", owner: { id: 7 }, extra: null, items: ["a"] },
    { name: "Sales", owner: { id: Number("9007199254740993") }, extra: "true" },
  ];
  expect(filterFields([schema], payloads)).toEqual([
    { path: "status", isText: false, choices: ["on", '"12"'], seen: [] },
    { path: "live", isText: false, choices: ["true", "false"], seen: [] },
    { path: "name", isText: true, choices: null, seen: ['"Finance, EU"', "Sales"] },
    { path: "owner.id", isText: false, choices: null, seen: ["7"] },
    { path: "extra", isText: false, choices: null, seen: ["null", '"true"'] },
  ]);
});

test("several event types offer the choices of all of them, and none if one allows any value", () => {
  const state = (schema: object) => ({ properties: { state: schema } });
  const [enumerated, constant, free] = [state({ enum: ["a", "b"] }), state({ const: "c" }), state({ type: "string" })];
  expect(filterFields([enumerated, constant], [])[0]?.choices).toEqual(["a", "b", "c"]);
  expect(filterFields([enumerated, free], [])[0]?.choices).toBeNull();
});

test("no value in place of a schema or a payload throws", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("properties", "enum", "type"), fc.jsonValue()), (value) => {
      filterFields([value, { properties: { a: value } }], [value]);
    }),
  );
});

test("any typed text is one value and is shown unchanged", () => {
  const field = { path: "name", isText: true, choices: null, seen: [] };
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (text) => {
      const row = withTypedValue({ name: "name", value: "" }, text, field);
      expect(valuesIn(row.value)).toEqual([text]);
      expect(typedValue(row, field)).toBe(text);
    }),
  );
});

test("the condition follows from the values, and a change keeps those that fit", () => {
  const row = { name: "a", value: 'x, "y, z"' };
  expect(conditionOf(row)).toBe("one_of");
  expect(conditionOf({ ...row, value: "null" })).toBe("missing");
  expect(conditionOf({ ...row, value: "" })).toBe("is");
  expect(withCondition(row, "is")).toMatchObject({ value: "x", condition: "is" });
  const missing = withCondition(row, "missing");
  expect(valuesIn(missing.value)).toEqual([null]);
  expect(withCondition(missing, "is").value).toBe("");
});
