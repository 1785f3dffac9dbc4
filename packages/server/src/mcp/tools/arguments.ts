import { z } from "zod";
import { limits } from "../../domain/limits.ts";

/** An id or a name. */
export const name = z.string().min(1).max(limits.nameLengthMax);

export const time = z.string().min(1).max(64).describe("ISO 8601, such as 2026-01-15T14:30:00Z.");

export const idempotencyKey = z
  .string()
  .min(1)
  .max(limits.idempotencyKeyLengthMax)
  .optional()
  .describe("A repeated call with the same key within 24 hours changes nothing and returns the first result.");
