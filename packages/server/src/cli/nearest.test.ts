import fc from "fast-check";
import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

const names = ["sync.completed", "sync.failed", "collection.created", "collection.deleted"];

test.each([
  ["sync.complete", "sync.completed"],
  ["SYNC.FAILED", "sync.failed"],
  ["syncfailed", "sync.failed"],
  ["colection.craeted", "collection.created"],
  ["invoice.paid", null],
  ["", null],
])("the nearest name to %s is %s", (text, name) => {
  expect(nearest(text, names)).toBe(name);
});

test("every name is the nearest to itself", () => {
  const name = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(..."abc.") });
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 8 }), (all) =>
      all.every((one) => nearest(one, all) === one),
    ),
  );
});
