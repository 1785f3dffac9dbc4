import { expect, test } from "vitest";
import { MinuteCounts } from "./minute-counts.ts";

test("a name may occur a number of times in a minute, independently of other names", () => {
  let now = 0;
  const counts = new MinuteCounts(2, () => now);
  expect([counts.take("a"), counts.take("a")]).toEqual([null, null]);
  now = 20_000;
  expect([counts.waitMs("a"), counts.take("a"), counts.take("b")]).toEqual([40_000, 40_000, null]);
  now = 60_000;
  expect([counts.waitMs("a"), counts.take("a"), counts.take("a")]).toEqual([null, null, null]);
  expect(counts.take("a")).toBe(60_000);
});

test("the number of names is bounded, and the oldest is forgotten first", () => {
  const counts = new MinuteCounts(1, () => 0);
  for (let index = 0; index < 10_001; index++) counts.take(`name ${index}`);
  expect([counts.waitMs("name 0"), counts.waitMs("name 1")]).toEqual([null, 60_000]);
});
