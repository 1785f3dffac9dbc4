import type { z } from "zod";
import { type Mistake, validationFailed } from "../domain/errors.ts";

/** Checks a part of a request. Throws a 422 that lists every mistake, each with its place. */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  part: "body" | "query",
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw validationFailed(result.error.issues.flatMap((issue) => mistakesOf(issue, part)));
}

function mistakesOf(issue: z.core.$ZodIssue, part: string): Mistake[] {
  const loc = [part, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      loc: [...loc, key],
      msg: "There is no such field here.",
      type: "extra_forbidden",
    }));
  }
  const missing = issue.code === "invalid_type" && issue.input === undefined && issue.message.includes("undefined");
  if (missing) return [{ loc, msg: "This field is required.", type: "missing" }];
  return [{ loc, msg: sentence(issue.message), type: typeOf(issue) }];
}

function typeOf(issue: z.core.$ZodIssue): string {
  const own: unknown = issue.code === "custom" ? issue.params?.type : undefined;
  return typeof own === "string" ? own : issue.code;
}

function sentence(message: string): string {
  return message.endsWith(".") ? message : `${message}.`;
}
