import { expect, test } from "vitest";
import { z } from "zod";
import { failureReason } from "./failure-reason.ts";
import { notSecret, secretsAmong } from "./secret-credentials.ts";
import { SourceError } from "./source.ts";

const source = {
  credentials: z.object({
    account: z.string().optional().meta(notSecret).describe("The name of an account."),
    token: z.string(),
  }),
};

test("a credential that is no secret may be in a reason, and all others may not", () => {
  const credentials = { account: "reader", token: "tok-12345", unknown: "more-67890", constructor: "odd-13579" };
  const error = new SourceError("reader sent tok-12345 with more-67890 and odd-13579.");
  expect(failureReason(error, secretsAmong(source, credentials))).toBe("reader sent *** with *** and ***.");
});

test("a text that is both a secret and no secret is not in a reason", () => {
  const error = new SourceError("The password of reader is reader.");
  expect(failureReason(error, secretsAmong(source, { account: "reader", token: "reader" }))).toBe(
    "The password of *** is ***.",
  );
});

test("credentials that are no object stay as they are", () => {
  expect(secretsAmong(source, null)).toBeNull();
  expect(secretsAmong(source, "tok-12345")).toBe("tok-12345");
});
