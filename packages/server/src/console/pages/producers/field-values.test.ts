import { expect, test } from "vitest";
import { defaultText, type SourceField, valuesOf } from "./field-values.ts";

function field(name: string, changes: Partial<SourceField> = {}): SourceField {
  return {
    ...{ name, title: name, description: null, type: "string", required: false, items_type: null },
    ...{ is_secret: false, is_multiline: false, enum_values: null, default: null },
    ...changes,
  };
}

test("every kind of field returns the value that a source expects, and empty fields are left out", () => {
  const fields = [
    field("path"),
    field("port", { type: "number" }),
    field("deep", { type: "boolean" }),
    field("include", { type: "array", items_type: "string" }),
    field("years", { type: "array", items_type: "number" }),
    field("more", { type: "object" }),
    field("key", { is_multiline: true }),
    field("empty"),
    field("blank", { type: "array" }),
  ];
  const texts = {
    ...{ path: " /srv/docs ", port: "5432", deep: "false", include: "**/*.md\n\n  a b \n", years: "1999\n2001" },
    ...{ more: '{"a": [1]}', key: "-----BEGIN-----\nx\n", empty: "  ", blank: "\n" },
  };
  expect(valuesOf(fields, texts)).toEqual({
    ...{ path: "/srv/docs", port: 5432, deep: false, include: ["**/*.md", "a b"], years: [1999, 2001] },
    ...{ more: { a: [1] }, key: "-----BEGIN-----\nx\n" },
  });
});

test("a text that is not a number is sent as it is, so that the API refuses it", () => {
  const fields = [field("port", { type: "number" }), field("more", { type: "object" })];
  expect(valuesOf(fields, { port: "many", more: "{" })).toEqual({ port: "many", more: "{" });
});

test("a default is shown in short, and only if there is one", () => {
  expect(defaultText(field("a", { default: 10 }))).toBe("10");
  expect(defaultText(field("a", { default: ["x", "y"] }))).toBe("x, y");
  expect(defaultText(field("a", { default: false }))).toBe("false");
  expect(defaultText(field("a", { default: "b".repeat(100) }))).toHaveLength(61);
  for (const nothing of [null, "", []]) expect(defaultText(field("a", { default: nothing }))).toBeNull();
});
