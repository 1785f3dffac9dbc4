import { expect, test } from "vitest";
import { z } from "zod";
import { limits } from "../domain/limits.ts";
import { failureReason } from "./failure-reason.ts";
import { SourceError } from "./source.ts";

test("a source's own sentence is the reason, unchanged", () => {
  expect(failureReason(new SourceError("The folder /a does not exist."), {})).toBe("The folder /a does not exist.");
});

test("an unexpected error is marked as such, on one line", () => {
  expect(failureReason(new Error("socket\n  hung\u0000up"), null)).toBe("The source failed: socket hung up");
  expect(failureReason("odd", null)).toBe("The source failed: odd");
  expect(failureReason(new SourceError(" "), null)).toBe("The source failed without a reason.");
});

test("settings that are not valid any more are named", () => {
  const { error } = z.object({ path: z.string() }).safeParse({});
  expect(failureReason(error, null)).toMatch(/^The connection's settings are not valid for the source: path: /);
});

test("no credential of the job is in the reason, at any depth", () => {
  const credentials = { api: { token: "tok-12345", tokens: ["tok-12345-longer"] }, port: 1 };
  const reason = failureReason(new Error("401 for tok-12345-longer at tok-12345"), credentials);
  expect(reason).toBe("The source failed: 401 for *** at ***");
});

test("a reason is bounded", () => {
  expect(failureReason(new Error("x".repeat(100_000)), {}).length).toBe(limits.syncJobErrorLengthMax);
});
