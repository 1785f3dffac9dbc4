import { z } from "zod";

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** A moment in an answer: ISO 8601, UTC, with milliseconds. */
export const timeAnswer = z.string().meta({ format: "date-time" });

/** A moment in a request, as Unix milliseconds: ISO 8601; without an offset it is read as UTC. */
export const timeRequest = z
  .union([z.iso.datetime({ offset: true, local: true }), z.iso.date()], {
    error: "Expected a time such as 2026-01-15T14:30:00Z",
  })
  .transform((text) => Date.parse(/(Z|[+-]\d{2}:?\d{2})$/i.test(text) || !text.includes("T") ? text : `${text}Z`))
  .meta({ format: "date-time" });
