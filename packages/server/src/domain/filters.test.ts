import { expect, test } from "vitest";
import { hasWritten, passesFilters } from "./filters.ts";

test("no filter lets everything pass", () => {
  expect(passesFilters(null, { a: 1 })).toBe(true);
  expect(passesFilters({}, { a: 1 })).toBe(true);
});

test("every field must have one of its values", () => {
  const filters = { source_type: ["github", "slack"], n: [1] };
  expect(passesFilters(filters, { source_type: "slack", n: 1 })).toBe(true);
  expect(passesFilters(filters, { source_type: "slack", n: 2 })).toBe(false);
  expect(passesFilters(filters, { source_type: "notion", n: 1 })).toBe(false);
  expect(passesFilters(filters, { source_type: "slack", n: "1" })).toBe(false);
});

test("a dotted field is looked up whole first, then as a path", () => {
  expect(passesFilters({ "a.b": [1] }, { "a.b": 1, a: { b: 2 } })).toBe(true);
  expect(passesFilters({ "a.b": [2] }, { a: { b: 2 } })).toBe(true);
  expect(passesFilters({ "a.b": [2] }, { a: null })).toBe(false);
});

test("what is absent counts as null, and what is no scalar never matches a value", () => {
  expect(passesFilters({ error: [null] }, {})).toBe(true);
  expect(passesFilters({ error: [null] }, { error: "x" })).toBe(false);
  expect(passesFilters({ list: ["x"] }, { list: ["x"] })).toBe(false);
  expect(passesFilters({ toString: ["x"], constructor: ["x"] }, {})).toBe(false);
  expect(passesFilters({ a: [1] }, null)).toBe(false);
});

test("true and false are values like any other", () => {
  expect(passesFilters({ done: [true] }, { done: true })).toBe(true);
  expect(passesFilters({ done: [true] }, { done: false })).toBe(false);
  expect(passesFilters({ done: [null] }, { done: false })).toBe(false);
});

test("a path leads through objects only, never into a text", () => {
  expect(passesFilters({ "a.length": [4] }, { a: "text" })).toBe(false);
  expect(passesFilters({ "a.0": ["t"] }, { a: "text" })).toBe(false);
  expect(passesFilters({ "a.0": ["t"] }, { a: ["t"] })).toBe(true);
});

test.each<[string, string, boolean]>([
  ["name", "Ada", true],
  ["name", "ada", false],
  ["count", "1.5", true],
  ["ok", "true", true],
  ["nested.deep", "7", true],
  ["dotted.name", "x", true],
  ["gone", "null", true],
  ["absent", "null", true],
  ["nested", "null", true],
  ["absent", "", false],
  ["empty", "", true],
])("the field %s written as %j is found: %s", (field, text, isFound) => {
  const payload = { name: "Ada", count: 1.5, ok: true, nested: { deep: 7 }, "dotted.name": "x", gone: null, empty: "" };
  expect(hasWritten([{ field, text }], payload)).toBe(isFound);
  expect(
    hasWritten(
      [
        { field: "name", text: "Ada" },
        { field, text },
      ],
      payload,
    ),
  ).toBe(isFound);
});
