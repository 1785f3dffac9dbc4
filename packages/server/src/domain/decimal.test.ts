import fc from "fast-check";
import { expect, test } from "vitest";
import { decimalKey, decimalOf, isJsonNumber } from "./decimal.ts";

test.each<[string, string | null]>([
  ["0", "0"],
  ["-0.00e-7", "0"],
  ["0e99999999999999999999", "0"],
  ["120.50", "1205e-1"],
  ["-0.0012E+3", "-12e-1"],
  ["1000", "1e3"],
  ["1e0000000000000000000002", "1e2"],
  ["1e999999999999999", "1e999999999999999"],
  ["1e1000000000000000", null],
  ["1e-1000000000000000", null],
])("%s is %s", (text, key) => {
  const decimal = decimalOf(text);
  expect(decimal === null ? null : decimalKey(decimal)).toBe(key);
});

test("doubles that JavaScript prints have exactly the values that it prints", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const { sign, digits, exponent } = decimalOf(String(value)) ?? { sign: 1, digits: "?", exponent: 0 };
      expect(sign * Number(`${digits === "" ? "0" : digits}e${exponent}`)).toBe(value === 0 ? 0 : value);
      expect(isJsonNumber(JSON.stringify(value))).toBe(true);
    }),
  );
});

test.each(["", "-", "01", "1.", ".5", "+1", "1e", "0x10", "1_000", "Infinity", " 1", "1\n"])(
  "%j is not a JSON number",
  (text) => {
    expect(isJsonNumber(text)).toBe(false);
  },
);
