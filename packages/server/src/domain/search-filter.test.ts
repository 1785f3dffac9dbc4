import { expect, test } from "vitest";
import {
  type RequestedCondition,
  searchConditionOf,
  searchFilterFields,
  searchFilterOperators,
  typesIn,
} from "./search-filter.ts";

const meaning = (
  field: RequestedCondition["field"],
  operator: RequestedCondition["operator"],
  value: RequestedCondition["value"],
) => searchConditionOf({ field, operator, value });

const isMistake = (condition: ReturnType<typeof searchConditionOf>) => "mistake" in condition;

test("equals and in compare whole values, and not_equals and not_in are their opposites", () => {
  const name = { kind: "isIn", field: "name", values: ["a"] };
  expect(meaning("name", "equals", "a")).toEqual({ ...name, negated: false });
  expect(meaning("name", "in", ["a"])).toEqual({ ...name, negated: false });
  expect(meaning("name", "not_equals", "a")).toEqual({ ...name, negated: true });
  expect(meaning("name", "not_in", ["a"])).toEqual({ ...name, negated: true });
});

test("with in and not_in, a single value is a list of one, and an empty text is an empty list", () => {
  expect(meaning("name", "in", "a")).toMatchObject({ values: ["a"] });
  expect(meaning("name", "not_in", "")).toMatchObject({ values: [], negated: true });
  expect(meaning("name", "equals", "")).toMatchObject({ values: [""] });
  expect(meaning("created_at", "in", "")).toMatchObject({ values: [] });
});

test("times are whole seconds, in UTC without an offset", () => {
  const seconds = Date.UTC(2026, 0, 15, 14, 30, 5) / 1_000;
  for (const value of [
    "2026-01-15T14:30:05.999Z",
    "2026-01-15T14:30:05",
    "2026-01-15 14:30:05",
    "2026-01-15T16:30:05+02:00",
  ]) {
    expect(meaning("updated_at", "less_than", value), value).toMatchObject({ operator: "less_than", value: seconds });
  }
  expect(meaning("created_at", "equals", "2026-01-15")).toMatchObject({ values: [Date.UTC(2026, 0, 15) / 1_000] });
});

test.each([
  ["name", "greater_than", "a"],
  ["airweave_system_metadata.sync_id", "less_than_or_equal", "a"],
  ["created_at", "contains", "2026"],
  ["airweave_system_metadata.chunk_index", "contains", 1],
  ["name", "equals", ["a"]],
  ["name", "contains", ["a"]],
  ["created_at", "greater_than", ["2026-01-15"]],
  ["airweave_system_metadata.chunk_index", "equals", true],
  ["airweave_system_metadata.chunk_index", "equals", "1"],
  ["airweave_system_metadata.chunk_index", "in", ["1"]],
  ["created_at", "equals", "yesterday"],
  ["created_at", "equals", "2026-13-45"],
  ["created_at", "in", [1_700_000_000]],
  ["updated_at", "equals", false],
] as const)("%s %s %j is a mistake that names the field or the operator", (field, operator, value) => {
  const condition = meaning(field, operator, value);
  expect(condition).toEqual({ mistake: expect.stringMatching(/^The (operator|field) .+\.$/) });
});

test("a filter is limited to types only if each of its groups is", () => {
  const type = { kind: "isIn", field: "airweave_system_metadata.entity_type", values: ["a"], negated: false } as const;
  const name = { kind: "contains", field: "name", value: "x" } as const;
  expect(typesIn([[name, type], [{ ...type, values: ["b"] }]])).toEqual(new Set(["a", "b"]));
  expect(typesIn([[type], [name]])).toBeNull();
  expect(typesIn([[{ ...type, negated: true }]])).toBeNull();
  expect(typesIn([])).toBeNull();
  expect(typesIn(null)).toBeNull();
});

test("every field has an operator for its kind of value, and every combination has a meaning or a mistake", () => {
  const values = ["a", "2026-01-15T00:00:00Z", 7, true, ["a"], [7], [], ""];
  for (const field of searchFilterFields) {
    const found = searchFilterOperators.flatMap((operator) => values.map((value) => meaning(field, operator, value)));
    expect(
      found.some((condition) => !isMistake(condition)),
      field,
    ).toBe(true);
  }
});
