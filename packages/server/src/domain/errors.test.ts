import { expect, test } from "vitest";
import { ApiError, StoreUnavailableError, validationFailed } from "./errors.ts";

test("the code fixes the status", () => {
  expect(new ApiError("not_found", "x").status).toBe(404);
  expect(new ApiError("unavailable", "x").status).toBe(503);
});

test("a 422 names its first mistake in one sentence and lists them all", () => {
  const mistakes = [
    { loc: ["body", "url"], msg: "Expected a URL.", type: "url" },
    { loc: ["body", 3, "x"], msg: "Too long.", type: "long" },
  ];
  const error = validationFailed(mistakes);
  expect([error.status, error.message, error.mistakes]).toEqual([422, "body.url: Expected a URL.", mistakes]);
  expect(validationFailed([]).message).toBe("The request is not valid.");
});

test("an error that is not a 422 lists no mistakes", () => {
  expect(new ApiError("not_found", "x").mistakes).toEqual([]);
});

test("an error keeps its cause, and its name shows its kind in a log", () => {
  const cause = new Error("disk full");
  expect(new ApiError("unavailable", "x", { cause }).cause).toBe(cause);
  expect(String(new ApiError("not_found", "There is no such thing."))).toBe("ApiError: There is no such thing.");
  expect(String(new StoreUnavailableError("x"))).toBe("StoreUnavailableError: x");
});
