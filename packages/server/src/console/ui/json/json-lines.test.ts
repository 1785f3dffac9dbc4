import fc from "fast-check";
import { expect, test } from "vitest";
import { type JsonLine, jsonLines } from "./json-lines.ts";

function printed(lines: readonly JsonLine[]): string {
  return lines.map(({ depth, pieces }) => "  ".repeat(depth) + pieces.map(({ text }) => text).join("")).join("\n");
}

test("JSON is laid out as JSON.stringify would", () => {
  const visible = fc.stringMatching(/^[a-z"\\{}[\], :0-9]{0,12}$/);
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      visible,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("any"), { maxLength: 4 }),
      fc.dictionary(visible, tie("any"), { maxKeys: 4 }),
    ),
  })).any;
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1, "\t"), (given, indent) => {
      expect(printed(jsonLines(JSON.stringify(given, null, indent)))).toBe(JSON.stringify(given, null, 2));
    }),
  );
});

test("digits, order and repeated names are kept", () => {
  const text = '{"b":12345678901234567890.10,"a":1e400,"b":-0}';
  expect(printed(jsonLines(text))).toBe('{\n  "b": 12345678901234567890.10,\n  "a": 1e400,\n  "b": -0\n}');
});

test("a name is distinguished from a value", () => {
  const [, line] = jsonLines('{"a":"b"}');
  expect(line?.pieces.map(({ kind }) => kind)).toEqual(["name", "mark", "string"]);
});

test("text that is not JSON is shown in its own lines", () => {
  for (const text of ["plain\ntext", '{"a":', "[1]]", "{]", "<script>", '"open'])
    expect(printed(jsonLines(text))).toBe(text);
});

test("characters that hide or reverse text are shown as escapes", () => {
  const shown = printed(jsonLines('"a\u202eb\u200bc\u0007d"'));
  expect(shown).toBe('"a\\u202eb\\u200bc\\u0007d"');
});

test("very deep values and very long strings are shown quickly and truncated", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  expect(jsonLines(deep)).toHaveLength(199_999);
  const [line] = jsonLines(JSON.stringify("x".repeat(262_144)));
  expect(line?.pieces.map(({ text }) => text).join("").length).toBeLessThan(5_000);
});
