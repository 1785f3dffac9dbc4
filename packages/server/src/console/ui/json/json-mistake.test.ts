import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonMistake } from "./json-mistake.ts";

test.each([
  ["", 1, 1, "value"],
  ["{", 1, 2, "name_or_end"],
  ["{a: 1}", 1, 2, "name_or_end"],
  ['{"a" 1}', 1, 6, "colon"],
  ['{"a": }', 1, 7, "value"],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 3, "comma_or_brace"],
  ['{"a": 1,}', 1, 9, "name"],
  ["[1 2]", 1, 4, "comma_or_bracket"],
  ["[1,]", 1, 4, "value"],
  ["[", 1, 2, "value_or_end"],
  ["{} {}", 1, 4, "end"],
  ["'a'", 1, 1, "value"],
  ["01", 1, 2, "end"],
  ['{"a":\r\n"\\x"}', 2, 1, "value"],
  ['"never ends', 1, 1, "value"],
] as const)("%j has its mistake in line %i, column %i", (text, line, column, expected) => {
  expect(jsonMistake(text)).toEqual({ line, column, expected });
});

test("JSON has no mistake, however it is spaced", () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 2, "\t"), (text, indent) => {
      expect(jsonMistake(JSON.stringify(JSON.parse(text), null, indent))).toBeNull();
    }),
  );
});

test("a text has a mistake exactly when it cannot be parsed", () => {
  const tokens = fc.constantFrom("{", "}", "[", "]", ",", ":", '"a"', "1", "-", "true", " ", "nul");
  fc.assert(
    fc.property(fc.array(tokens, { maxLength: 8 }), (parts) => {
      const text = parts.join("");
      expect(jsonMistake(text) === null).toBe(isJson(text));
    }),
  );
});

test("a deep text costs no stack", () => {
  expect(jsonMistake("[".repeat(100_000) + "]".repeat(100_000))).toBeNull();
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
