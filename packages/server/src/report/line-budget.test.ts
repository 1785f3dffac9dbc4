import fc from "fast-check";
import { expect, test } from "vitest";
import { LineBudget } from "./line-budget.ts";

const limits = { windowMs: 1_000, perCauseMax: 2, totalMax: 5 };

test("a cause gets its lines in each window, and the next line has the number of dropped ones", () => {
  let now = 0;
  const budget = new LineBudget(limits, () => now);
  expect(budget.take("a")).toEqual({ leftOut: 0 });
  expect(budget.take("a")).toEqual({ leftOut: 0 });
  expect(budget.take("a")).toBeNull();
  expect(budget.take("a")).toBeNull();
  expect(budget.take("b")).toEqual({ leftOut: 2 });
  now = 1_000;
  expect(budget.take("a")).toEqual({ leftOut: 0 });
});

test("any number of causes together get no more lines than the window has", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.nat(400)), { maxLength: 200 }), (lines) => {
      let now = 0;
      const budget = new LineBudget(limits, () => now);
      const written: number[] = [];
      let counted = 0;
      for (const [cause, restMs] of lines) {
        now += restMs;
        const line = budget.take(cause);
        if (line === null) continue;
        written.push(now);
        counted += line.leftOut;
      }
      for (const at of written) {
        // A window begins with a line or a rest, so any second touches two windows at most.
        expect(written.filter((other) => other >= at && other < at + 1_000).length).toBeLessThanOrEqual(10);
      }
      expect(counted + written.length).toBeLessThanOrEqual(lines.length);
    }),
  );
});
