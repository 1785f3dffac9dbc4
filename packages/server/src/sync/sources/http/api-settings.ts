// Settings and credentials that the sources of APIs share.

import { z } from "zod";
import { limits } from "../../../domain/limits.ts";

export function fullReadHours(hours: number, description: string) {
  return z.int().min(1).max(limits.fullReadHoursMax).default(hours).describe(description);
}

/** Whether a job reads everything, which also finds the entities that were deleted. */
export function isFullReadDue(fullAt: number, everyHours: number, now: number): boolean {
  return now - fullAt >= everyHours * hourMs;
}

/** A token that is sent in a header. */
export function tokenField(description: string) {
  return z
    .string()
    .min(1)
    .max(limits.headerValueBytesMax)
    .regex(/^[\x21-\x7e]+$/, { error: "It is one word." })
    .describe(description);
}

const hourMs = 3_600_000;
