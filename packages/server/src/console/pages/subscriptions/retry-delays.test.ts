import fc from "fast-check";
import { expect, test } from "vitest";
import { delaysText, readDelays } from "./retry-delays.ts";

test("delays are read with units, without units and in combination", () => {
  expect(readDelays("5, 5s, 5 S, 5m, 5 min, 2h, 1 d, 1h30m, 1 h 30 min, 0.5s")).toEqual([
    5, 5, 5, 300, 300, 7_200, 86_400, 5_400, 5_400, 0.5,
  ]);
  expect(readDelays(" , ")).toEqual([]);
});

test("a text that is not a delay is marked", () => {
  for (const text of ["soon", "5 weeks", "-5", "5 s 3", "min", "1e3", "0x10", "5ss", "5.s"]) {
    expect(readDelays(text), text).toEqual([Number.NaN]);
  }
});

test("delays are shown in the largest units", () => {
  expect(delaysText([5, 300, 1_800, 7_200, 5_400, 90_061, 0.5, 0])).toBe(
    "5 s, 5 min, 30 min, 2 h, 1 h 30 min, 1 d 1 h 1 min 1 s, 0.5 s, 0 s",
  );
});

test("every schedule that is shown is read back exactly", () => {
  const delay = fc.integer({ min: 0, max: 7 * 86_400_000 }).map((ms) => ms / 1_000);
  fc.assert(
    fc.property(fc.array(delay, { maxLength: 20 }), (delays) => {
      expect(readDelays(delaysText(delays))).toEqual(delays);
    }),
  );
});
