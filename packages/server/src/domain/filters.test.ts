import fc from "fast-check";
import { expect, test } from "vitest";
import { FilteredPayload, filtersText, parseFilters, shownFilters, writtenFilters } from "./filters.ts";
import { limits } from "./limits.ts";

function passes(given: string, payload: string | null): boolean {
  const text = filtersText(given);
  if (typeof text !== "string") throw new Error(`not a filter: ${given}`);
  return new FilteredPayload(payload).passes(parseFilters(text));
}

test("every field must have one of its values", () => {
  const filters = '{"source_type":["github","slack"],"n":1}';
  expect(passes(filters, '{"source_type":"slack","n":1}')).toBe(true);
  expect(passes(filters, '{"source_type":"slack","n":2}')).toBe(false);
  expect(passes(filters, '{"source_type":"notion","n":1}')).toBe(false);
  expect(passes(filters, '{"source_type":"slack","n":"1"}')).toBe(false);
  expect(passes("{}", '{"source_type":"slack"}')).toBe(true);
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
])("the number %s matches %s: %s", (wanted, value, isMatch) => {
  expect(passes(`{"n":[${wanted}]}`, `{"n":${value}}`)).toBe(isMatch);
  expect(passes(`{"n":[0.5,${wanted},"${wanted}"]}`, `{"n": ${value} }`)).toBe(isMatch);
  expect(passes(`{"n":[${wanted}]}`, `{"n":"${value}"}`)).toBe(false);
  expect(new FilteredPayload(`{"n":${value}}`).passes(writtenFilters([{ field: "n", text: wanted }]))).toBe(isMatch);
});

test("numbers are equal when their values are, however their digits are spread over mantissa and exponent", () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.nat(30), fc.nat(30), (value, zeros, exponent) => {
      const other = `${value}${"0".repeat(exponent)}.${"0".repeat(zeros + 1)}e-${exponent}`;
      expect(passes(`{"n":[${value}]}`, `{"n":${other}}`)).toBe(true);
      expect(passes(`{"n":[${value + 1n}]}`, `{"n":${other}}`)).toBe(false);
    }),
  );
});

test("numbers, strings and exponents without end cost one look at their text", () => {
  const digits = "1".repeat(1_000_000);
  expect(passes('{"n":[1]}', `{"n":${digits}}`)).toBe(false);
  expect(passes('{"n":[1]}', `{"n":1e${digits}}`)).toBe(false);
  expect(passes('{"n":[1]}', `{"n":1.${"0".repeat(1_000_000)}}`)).toBe(true);
  expect(passes('{"n":["1"]}', `{"n":"${digits}"}`)).toBe(false);
});

test("a filter refuses a number that is too long, and one whose exponent is too large", () => {
  expect(filtersText('{"a":["x"],"n":[1,1e1000000001]}')).toEqual({ field: "n", index: 1 });
  expect(filtersText('{"n":1e-99999999999999999999}')).toEqual({ field: "n", index: null });
  expect(filtersText(`{"n":${"1".repeat(limits.filterValueLengthMax + 1)}}`)).toEqual({ field: "n", index: null });
  expect(filtersText(`{"n":1.${"0".repeat(limits.filterValueLengthMax * 7)}}`)).toEqual({ field: "n", index: null });
});

test("filters keep their numbers as they were given, in lists, and of a key that occurs twice the last value", () => {
  const text = filtersText('{"a":1,"b":[9007199254740993, 1.10],"__proto__":["x"],"a" : [ -0e1,null ]}');
  expect(text).toBe('{"a":[-0e1,null],"b":[9007199254740993,1.10],"__proto__":["x"]}');
  expect(JSON.stringify(shownFilters(text as string))).toBe(text);
});

test("a dotted field is looked up whole first, then as a path", () => {
  expect(passes('{"a.b":[1]}', '{"a.b":1,"a":{"b":2}}')).toBe(true);
  expect(passes('{"a.b":[2]}', '{"a.b":1,"a":{"b":2}}')).toBe(false);
  expect(passes('{"a.b":[2]}', '{"a":{"b":2}}')).toBe(true);
  expect(passes('{"a.b":[2]}', '{"a":null}')).toBe(false);
  expect(passes('{"a.b":[2]}', '{"a":{"b":3},"\\u0061":{"b":1,"\\u0062":2}}')).toBe(true);
});

test("null matches null and what is absent, and nothing matches an object or a list", () => {
  expect(passes('{"error":[null]}', '{"error":null}')).toBe(true);
  expect(passes('{"error":[null]}', "{}")).toBe(true);
  expect(passes('{"error.code":[null]}', '{"error":"x"}')).toBe(true);
  expect(passes('{"error":[null]}', '{"error":"x"}')).toBe(false);
  expect(passes('{"error":[null]}', '{"error":{}}')).toBe(false);
  expect(passes('{"error":[null]}', '{"error":[null]}')).toBe(false);
  expect(passes('{"error":[null,"{}"]}', '{"error":[]}')).toBe(false);
  expect(passes('{"list":["x"]}', '{"list":["x"]}')).toBe(false);
  expect(passes('{"toString":["x"],"constructor":["x"]}', "{}")).toBe(false);
  expect(passes('{"a":[null]}', null)).toBe(true);
  expect(passes('{"a":[1]}', null)).toBe(false);
  expect(passes('{"a":[1]}', "5")).toBe(false);
});

test("strings are equal when their characters are, however they are escaped", () => {
  expect(passes('{"s":["caf\\u00e9/"]}', '{"s":"café\\/"}')).toBe(true);
  expect(passes('{"s":["\\ud83d\\ude00"]}', '{"s":"😀"}')).toBe(true);
  expect(passes('{"s":["cafe\\u0301"]}', '{"s":"café"}')).toBe(false);
  const longest = "\\u0041".repeat(limits.filterValueLengthMax);
  expect(passes(`{"s":"${"A".repeat(limits.filterValueLengthMax)}"}`, `{"s":"${longest}"}`)).toBe(true);
});

test("true and false are values like any other", () => {
  expect(passes('{"done":true}', '{"done":true}')).toBe(true);
  expect(passes('{"done":[true]}', '{"done":false}')).toBe(false);
  expect(passes('{"done":[null]}', '{"done":false}')).toBe(false);
  expect(passes('{"done":["true"]}', '{"done":true}')).toBe(false);
});

test("a path leads through objects and lists only, never into a text", () => {
  expect(passes('{"a.length":[4]}', '{"a":"text"}')).toBe(false);
  expect(passes('{"a.length":[1]}', '{"a":["t"]}')).toBe(false);
  expect(passes('{"a.0":["t"]}', '{"a":"text"}')).toBe(false);
  expect(passes('{"a.0":["t"]}', '{"a":["t"]}')).toBe(true);
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
  expect(payload.passes(writtenFilters([{ field, text }]))).toBe(isFound);
  const both = writtenFilters([
    { field: "name", text: "Ada" },
    { field, text },
  ]);
  expect(payload.passes(both)).toBe(isFound);
  const contradictory = [
    { field, text },
    { field, text: "another" },
  ];
  expect(payload.passes(writtenFilters(contradictory))).toBe(false);
});
