import { z } from "zod";
import { limits } from "../../domain/limits.ts";

/** The query of lists that the platform's SDKs page through with `skip`, with their default and limit. */
export const skipQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(limits.collectionsPageMax)
    .default(limits.collectionsPageDefault)
    .describe(`The maximum number of items: 1 to ${limits.collectionsPageMax}.`),
  skip: z.coerce.number().int().min(0).default(0).describe("The number of items to skip; ignored with a cursor."),
  cursor: z.string().optional().describe("Continues a list: the cursor from the Link header of the previous response."),
};

/** How many items a part of a page skips. A cursor already contains its position. */
export function skipOf(query: { skip: number }, part: { readonly cursor: string | null }): number {
  return part.cursor === null ? query.skip : 0;
}
