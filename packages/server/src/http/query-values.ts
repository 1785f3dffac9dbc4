import { z } from "zod";
import { limits } from "../domain/limits.ts";

const text = z.string().max(limits.uidLengthMax);

/** A query parameter that may be repeated; undefined when absent. */
export const severalTexts = z
  .union([text, z.array(text).max(limits.repeatedMax)])
  .transform((value) => (typeof value === "string" ? [value] : value))
  .optional();

/** A normalised query: `name[]=a` and `name[0]=a` are other spellings of a repeated parameter. */
export function withoutBrackets(query: unknown): Record<string, unknown> {
  const meant = new Map<string, unknown>();
  for (const [key, value] of Object.entries(query as Record<string, unknown>)) {
    const name = key.replace(/\[\d*\]$/, "");
    meant.set(name, meant.has(name) ? [meant.get(name), value].flat() : value);
  }
  return Object.fromEntries(meant);
}

const truth = z.enum(["true", "false", "True", "False", "1", "0"]);

function isTrue(text: z.output<typeof truth>): boolean {
  return text.toLowerCase() === "true" || text === "1";
}

/** A boolean query parameter; false when absent. */
export const flag = truth.default("false").transform(isTrue);

/** A boolean query parameter; true when absent. */
export const flagByDefault = truth.default("true").transform(isTrue);
