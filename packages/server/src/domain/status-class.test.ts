import { expect, test } from "vitest";
import { statusClasses, statusClassNumber, statusClassOf } from "./status-class.ts";

test("an attempt is classed by its status, and only a success is 2xx", () => {
  const failed = (responseStatus: number) => statusClassOf({ succeeded: false, responseStatus });
  expect(statusClassOf({ succeeded: true, responseStatus: 204 })).toBe("2xx");
  expect(failed(0)).toBe("no_response");
  expect([200, 100, 600, 999].map(failed)).toEqual(["other", "other", "other", "other"]);
  expect([300, 399, 400, 410, 499, 500, 599].map(failed)).toEqual(["3xx", "3xx", "4xx", "4xx", "4xx", "5xx", "5xx"]);
});

test("the numbers in the database never change", () => {
  const numbers = statusClasses.map((statusClass) => [statusClass, statusClassNumber(statusClass)]);
  expect(Object.fromEntries(numbers)).toEqual({ no_response: 0, other: 1, "2xx": 2, "3xx": 3, "4xx": 4, "5xx": 5 });
});
