import type { z } from "zod";
import { type Mistake, validationFailed } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";

/** Validates a part of a request. Throws a 422 that lists every mistake with its location. */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  part: "body" | "query",
): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw validationFailed(firstMistakes(result.error.issues, part));
}

/** As many mistakes as a response lists; a request may have far more. */
function firstMistakes(issues: readonly z.core.$ZodIssue[], part: string): Mistake[] {
  const mistakes: Mistake[] = [];
  for (const issue of issues) {
    mistakes.push(...mistakesOf(issue, part).slice(0, limits.mistakesMax));
    if (mistakes.length >= limits.mistakesMax) break;
  }
  return mistakes;
}

function mistakesOf(issue: z.core.$ZodIssue, part: string): Mistake[] {
  const loc = [part, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.slice(0, limits.mistakesMax).map((key) => ({
      loc: [...loc, key],
      msg: "This field does not exist here.",
      type: "extra_forbidden",
    }));
  }
  if (issue.code === "invalid_union") {
    const meant = branchMeant(issue);
    if (meant !== null)
      return meant.flatMap((inner) => mistakesOf({ ...inner, path: [...issue.path, ...inner.path] }, part));
  }
  const missing = (issue.code === "invalid_type" || issue.code === "invalid_union") && issue.input === undefined;
  if (missing) return [{ loc, msg: "This field is required.", type: "missing" }];
  return [{ loc, msg: sentence(issue.message), type: typeOf(issue) }];
}

/** The mistakes against the only alternative that matches the kind of the value; null when none or several match. */
function branchMeant(issue: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | null {
  const meant = issue.errors.filter((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code !== "invalid_type"),
  );
  return meant.length === 1 ? (meant[0] ?? null) : null;
}

function typeOf(issue: z.core.$ZodIssue): string {
  const own: unknown = issue.code === "custom" ? issue.params?.type : undefined;
  return typeof own === "string" ? own : issue.code;
}

function sentence(message: string): string {
  return message.endsWith(".") ? message : `${message}.`;
}
