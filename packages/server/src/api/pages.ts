import { z } from "zod";
import { validationFailed } from "../domain/errors.ts";
import { type Id, type IdPrefix, parseId, parseUuid } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";

/** The query parameters that every list has. */
export const pageQuery = {
  limit: z.coerce
    .number({ error: "Expected a whole number" })
    .int()
    .min(1)
    .max(limits.pageMax)
    .default(limits.pageDefault)
    .describe(
      `How many at most: 1 to ${limits.pageMax}. Fewer need not be the end: that has no next page in its Link header.`,
    ),
  cursor: z.string().optional().describe("Where to go on: the cursor in the last answer's Link header."),
};

/** The Link header's value for the next page: the same request with another cursor. Source: RFC 8288. */
export function nextLink(url: string, cursor: string): string {
  const next = new URL(url, "http://localhost");
  next.searchParams.set("cursor", cursor);
  return `<${next.pathname}${next.search}>; rel="next"`;
}

/**
 * Cuts a list that was asked for with one more than the page holds, and names the next page when there is one.
 */
export function cutPage<Item>(
  items: readonly Item[],
  limit: number,
  cursorOf: (item: Item) => string,
  nextPage: (cursor: string) => void,
): readonly Item[] {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  if (items.length > limit && last !== undefined) nextPage(cursorOf(last));
  return page;
}

/** Reads a cursor, which is the id of the last thing on the page before. One that is no id is a 422. */
export function cursorIn<Kind extends string>(cursor: string | undefined, prefix: IdPrefix | null): Id<Kind> | null {
  if (cursor === undefined) return null;
  const id = prefix === null ? parseUuid<Kind>(cursor) : parseId<Kind>(prefix, cursor);
  if (id !== null) return id;
  throw validationFailed([
    { loc: ["query", "cursor"], msg: "This is not a cursor of this list.", type: "cursor_invalid" },
  ]);
}
