import { z } from "zod";
import { limits } from "../../domain/limits.ts";

/** The query of the lists that the platform's SDKs page through with `skip`: with their default and bound. */
export const skipQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(limits.collectionsPageMax)
    .default(limits.collectionsPageDefault)
    .describe(`How many at most: 1 to ${limits.collectionsPageMax}.`),
  skip: z.coerce.number().int().min(0).default(0).describe("How many to leave out; ignored with a cursor."),
  cursor: z.string().optional().describe("Where to go on: the cursor in the last answer's Link header."),
};

/** How many a part of a page leaves out: a cursor says by itself where to go on. */
export function skipOf(query: { skip: number }, part: { readonly cursor: string | null }): number {
  return part.cursor === null ? query.skip : 0;
}
