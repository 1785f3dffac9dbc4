import fc from "fast-check";
import { expect, test } from "vitest";
import { FilteredPayload, filtersText, parseFilters, shownFilters, writtenFilters } from "./filters.ts";
import { limits } from "./limits.ts";

function matches(given: string, payload: string | null): boolean {
  const text = filtersText(given);
  if (typeof text !== "string") throw new Error(`not a filter: ${given}`);
  return new FilteredPayload(payload).matches(parseFilters(text));
}

test("every field must have one of its values", () => {
  const filters = '{"source_type":["github","slack"],"n":1}';
  expect(matches(filters, '{"source_type":"slack","n":1}')).toBe(true);
  expect(matches(filters, '{"source_type":"slack","n":2}')).toBe(false);
  expect(matches(filters, '{"source_type":"notion","n":1}')).toBe(false);
  expect(matches(filters, '{"source_type":"slack","n":"1"}')).toBe(false);
  expect(matches("{}", '{"source_type":"slack"}')).toBe(true);
});

const nines = "9".repeat(400);
test.each<[string, string, boolean]>([
  ["9007199254740993", "9007199254740993", true],
  ["9007199254740993", "9007199254740992", false],
  ["9007199254740993", "9007199254740993.0", true],
  ["9007199254740993", "9007199254740993.00000000000000000001", false],
  ["9007199254740993", "9.007199254740993e15", true],
  ["9007199254740993", "9007199254740993e0", true],
  ["-9007199254740993", "9007199254740993", false],
  ["1", "1.0", true],
  ["1", "1e0", true],
  ["1", "10E-1", true],
  ["1", "0.1e+1", true],
  ["100", "1e2", true],
  ["1e2", "100.000", true],
  ["0.1", "0.10", true],
  ["0.1", "0.1000000000000000055511151231257827", false],
  ["0.3", "0.30000000000000004", false],
  ["0", "-0.0e5", true],
  ["0", "0e999999999999999999999", true],
  ["0", "1e-400", false],
  ["1e400", "1e400", true],
  ["1e400", "1e401", false],
  ["1e400", "10e399", true],
  ["1e1000000000", "1e1000000000", true],
  ["1e1000000000", "1e1000000001", false],
  ["1e5", "1e99999999999999999999999999999999999999999999", false],
  [nines, nines, true],
  [nines, `${nines.slice(1)}8`, false],
])("the number %s matches %s: %s", (expected, value, isMatch) => {
  expect(matches(`{"n":[${expected}]}`, `{"n":${value}}`)).toBe(isMatch);
  expect(matches(`{"n":[0.5,${expected},"${expected}"]}`, `{"n": ${value} }`)).toBe(isMatch);
  expect(matches(`{"n":[${expected}]}`, `{"n":"${value}"}`)).toBe(false);
  expect(new FilteredPayload(`{"n":${value}}`).matches(writtenFilters([{ field: "n", text: expected }]))).toBe(isMatch);
});

test("numbers are equal when their values are, in any notation of mantissa and exponent", () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.nat(30), fc.nat(30), (value, zeros, exponent) => {
      const other = `${value}${"0".repeat(exponent)}.${"0".repeat(zeros + 1)}e-${exponent}`;
      expect(matches(`{"n":[${value}]}`, `{"n":${other}}`)).toBe(true);
      expect(matches(`{"n":[${value + 1n}]}`, `{"n":${other}}`)).toBe(false);
    }),
  );
});

test("comparing numbers, strings and exponents of any length reads their text once", () => {
  const digits = "1".repeat(1_000_000);
  expect(matches('{"n":[1]}', `{"n":${digits}}`)).toBe(false);
  expect(matches('{"n":[1]}', `{"n":1e${digits}}`)).toBe(false);
  expect(matches('{"n":[1]}', `{"n":1.${"0".repeat(1_000_000)}}`)).toBe(true);
  expect(matches('{"n":["1"]}', `{"n":"${digits}"}`)).toBe(false);
});

test("a filter refuses a number that is too long or has too large an exponent", () => {
  expect(filtersText('{"a":["x"],"n":[1,1e1000000001]}')).toEqual({ field: "n", index: 1 });
  expect(filtersText('{"n":1e-99999999999999999999}')).toEqual({ field: "n", index: null });
  expect(filtersText(`{"n":${"1".repeat(limits.filterValueLengthMax + 1)}}`)).toEqual({ field: "n", index: null });
  expect(filtersText(`{"n":1.${"0".repeat(limits.filterValueLengthMax * 7)}}`)).toEqual({ field: "n", index: null });
});

test("filters keep their numbers as they were given, also in lists, and the last value of a repeated key", () => {
  const text = filtersText('{"a":1,"b":[9007199254740993, 1.10],"__proto__":["x"],"a" : [ -0e1,null ]}');
  expect(text).toBe('{"a":[-0e1,null],"b":[9007199254740993,1.10],"__proto__":["x"]}');
  expect(JSON.stringify(shownFilters(text as string))).toBe(text);
});

test("a dotted field is looked up as a key first, then as a path", () => {
  expect(matches('{"a.b":[1]}', '{"a.b":1,"a":{"b":2}}')).toBe(true);
  expect(matches('{"a.b":[2]}', '{"a.b":1,"a":{"b":2}}')).toBe(false);
  expect(matches('{"a.b":[2]}', '{"a":{"b":2}}')).toBe(true);
  expect(matches('{"a.b":[2]}', '{"a":null}')).toBe(false);
  expect(matches('{"a.b":[2]}', '{"a":{"b":3},"\\u0061":{"b":1,"\\u0062":2}}')).toBe(true);
});

test("null matches null and a missing field, and no filter matches an object or a list", () => {
  expect(matches('{"error":[null]}', '{"error":null}')).toBe(true);
  expect(matches('{"error":[null]}', "{}")).toBe(true);
  expect(matches('{"error.code":[null]}', '{"error":"x"}')).toBe(true);
  expect(matches('{"error":[null]}', '{"error":"x"}')).toBe(false);
  expect(matches('{"error":[null]}', '{"error":{}}')).toBe(false);
  expect(matches('{"error":[null]}', '{"error":[null]}')).toBe(false);
  expect(matches('{"error":[null,"{}"]}', '{"error":[]}')).toBe(false);
  expect(matches('{"list":["x"]}', '{"list":["x"]}')).toBe(false);
  expect(matches('{"toString":["x"],"constructor":["x"]}', "{}")).toBe(false);
  expect(matches('{"a":[null]}', null)).toBe(true);
  expect(matches('{"a":[1]}', null)).toBe(false);
  expect(matches('{"a":[1]}', "5")).toBe(false);
});

test("strings are equal when their characters are, with any escapes", () => {
  expect(matches('{"s":["caf\\u00e9/"]}', '{"s":"café\\/"}')).toBe(true);
  expect(matches('{"s":["\\ud83d\\ude00"]}', '{"s":"😀"}')).toBe(true);
  expect(matches('{"s":["cafe\\u0301"]}', '{"s":"café"}')).toBe(false);
  const longest = "\\u0041".repeat(limits.filterValueLengthMax);
  expect(matches(`{"s":"${"A".repeat(limits.filterValueLengthMax)}"}`, `{"s":"${longest}"}`)).toBe(true);
});

test("true and false are values like any other", () => {
  expect(matches('{"done":true}', '{"done":true}')).toBe(true);
  expect(matches('{"done":[true]}', '{"done":false}')).toBe(false);
  expect(matches('{"done":[null]}', '{"done":false}')).toBe(false);
  expect(matches('{"done":["true"]}', '{"done":true}')).toBe(false);
});

test("a path leads through objects and lists only, never into a string", () => {
  expect(matches('{"a.length":[4]}', '{"a":"text"}')).toBe(false);
  expect(matches('{"a.length":[1]}', '{"a":["t"]}')).toBe(false);
  expect(matches('{"a.0":["t"]}', '{"a":"text"}')).toBe(false);
  expect(matches('{"a.0":["t"]}', '{"a":["t"]}')).toBe(true);
});

test.each<[string, string, boolean]>([
  ["name", "Ada", true],
  ["name", "ada", false],
  ["count", "1.5", true],
  ["count", "15e-1", true],
  ["count", "01.5", false],
  ["digits", "1.50", true],
  ["digits", "1.5", false],
  ["ok", "true", true],
  ["nested.deep", "9007199254740993", true],
  ["nested.deep", "9007199254740992", false],
  ["dotted.name", "x", true],
  ["gone", "null", true],
  ["absent", "null", true],
  ["nested", "null", false],
  ["absent", "", false],
  ["empty", "", true],
])("the field %s written as %j is found: %s", (field, text, isFound) => {
  const payload = new FilteredPayload(
    '{"name":"Ada","count":1.5,"digits":"1.50","ok":true,"nested":{"deep":9007199254740993},"dotted.name":"x","gone":null,"empty":""}',
  );
  expect(payload.matches(writtenFilters([{ field, text }]))).toBe(isFound);
  const both = writtenFilters([
    { field: "name", text: "Ada" },
    { field, text },
  ]);
  expect(payload.matches(both)).toBe(isFound);
  const contradictory = [
    { field, text },
    { field, text: "another" },
  ];
  expect(payload.matches(writtenFilters(contradictory))).toBe(false);
});
