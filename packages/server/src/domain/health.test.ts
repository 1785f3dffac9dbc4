import fc from "fast-check";
import { expect, test } from "vitest";
import { failedForTooLong, healthStatus, newHealth, observe, successRate } from "./health.ts";
import { limits } from "./limits.ts";

function after(outcomes: readonly boolean[]) {
  return outcomes.reduce((health, succeeded, at) => observe(health, succeeded, at), newHealth);
}

test("a subscription is unknown before its first attempt", () => {
  expect(healthStatus(newHealth)).toBe("unknown");
});

test.each([
  ["healthy", [true]],
  ["healthy", [false, ...Array<boolean>(10).fill(true)]],
  ["degraded", [false]],
  ["degraded", [false, false]],
  ["degraded", [false, false, false, true]],
  ["degraded", [false, ...Array<boolean>(9).fill(true)]],
  ["failing", [false, false, false]],
  ["failing", [...Array<boolean>(9).fill(true), false, false, false]],
] as const)("it is %s after %j", (status, outcomes) => {
  expect(healthStatus(after(outcomes))).toBe(status);
});

test("only the last ten attempts count, and three consecutive failures always show", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean()), (outcomes) => {
      expect(healthStatus(after(outcomes))).toBe(healthStatus(after(outcomes.slice(-10))));
      if (outcomes.length > 0) {
        const lastThreeFailed = outcomes.length >= 3 && outcomes.slice(-3).every((succeeded) => !succeeded);
        expect(healthStatus(after(outcomes)) === "failing").toBe(lastThreeFailed);
      }
    }),
  );
});

test("failing starts with the first failure after a success, and ends with the next success", () => {
  expect(after([true, false, false]).failingSince).toBe(1);
  expect(after([false, true, false]).failingSince).toBe(2);
  expect(after([false, true]).failingSince).toBeNull();
});

test("five days of failures alone are too long, and a moment less is not", () => {
  const health = observe(newHealth, false, 1_000);
  expect(failedForTooLong(health, 1_000 + limits.failingMsUntilDisabled - 1)).toBe(false);
  expect(failedForTooLong(health, 1_000 + limits.failingMsUntilDisabled)).toBe(true);
  expect(failedForTooLong(newHealth, Number.MAX_SAFE_INTEGER)).toBe(false);
});

test("the success rate covers the last ten attempts, and is absent before the first", () => {
  expect(successRate(newHealth)).toBeNull();
  expect(successRate(after([true]))).toBe(1);
  expect(successRate(after([false, false]))).toBe(0);
  expect(successRate(after([false, false, ...Array<boolean>(9).fill(true)]))).toBe(0.9);
});
