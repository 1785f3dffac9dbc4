import { z } from "zod";
import { limits } from "../domain/limits.ts";
import { SourceError } from "./source.ts";

// Shorter values are too common as parts of words.
const secretLengthMin = 4;

/**
 * The error text of a job: one line of limited length, without any of the job's credentials, because it is sent in an event.
 */
export function failureReason(error: unknown, credentials: unknown): string {
  const said = withoutSecrets(sentenceOf(error), credentials);
  return said === "" ? "The source failed without a reason." : said;
}

/** A text about a job as one line of limited length, without any of the job's credentials. */
export function withoutSecrets(text: string, credentials: unknown): string {
  const said = redacted(text, secretsIn(credentials))
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return said.slice(0, limits.syncJobErrorLengthMax);
}

function sentenceOf(error: unknown): string {
  if (error instanceof SourceError) return error.message;
  if (error instanceof z.ZodError) {
    const mistakes = error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    return `The connection's settings are not valid for the source: ${mistakes.join("; ")}.`;
  }
  return `The source failed: ${error instanceof Error ? error.message : String(error)}`;
}

function redacted(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
}

/** Every text in the credentials, longest first, so that a text that contains another is removed completely. */
function secretsIn(credentials: unknown): string[] {
  const texts = new Set<string>();
  const unread: unknown[] = [credentials];
  for (let value = unread.pop(); value !== undefined; value = unread.pop()) {
    if (typeof value === "string" && value.length >= secretLengthMin) texts.add(value);
    else if (typeof value === "object" && value !== null) unread.push(...Object.values(value));
  }
  return [...texts].sort((a, b) => b.length - a.length);
}
