import { z } from "zod";
import { type ApiError, validationFailed } from "../domain/errors.ts";
import { type Id, type IdPrefix, parseId, parseUuid } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Page, PageOf } from "../store/page.ts";
import { TextResponse } from "./route.ts";

/** The query parameters that every list has. */
export const pageQuery = {
  limit: z.coerce
    .number({ error: "Expected a whole number" })
    .int()
    .min(1)
    .max(limits.pageMax)
    .default(limits.pageDefault)
    .describe(
      `The maximum number of items: 1 to ${limits.pageMax}. A page with fewer items is not necessarily the last one: the last page has no next page in its Link header.`,
    ),
  cursor: z.string().optional().describe("Continues a list: the cursor from the Link header of the previous response."),
};

/** The Link header's value for the next page: the same request with another cursor. Source: RFC 8288. */
export function nextLink(url: string, cursor: string): string {
  const next = new URL(url, "http://localhost");
  next.searchParams.set("cursor", cursor);
  return `<${next.pathname}${next.search}>; rel="next"`;
}

/** A page of a list, read with one item more than the page holds. */
export function pageOf<Item, Cursor>(
  items: readonly Item[],
  limit: number,
  cursorOf: (item: Item) => Cursor,
): Page<Item, Cursor> {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return { items: page, next: items.length > limit && last !== undefined ? cursorOf(last) : null };
}

/** The first items that fit on a page, each as JSON. The page has at least one item, if there is any. */
export function fitting<Item>(items: readonly Item[], textOf: (item: Item) => string): string[] {
  const texts: string[] = [];
  let bytes = 0;
  for (const item of items) {
    const text = textOf(item);
    bytes += Buffer.byteLength(text);
    if (bytes > limits.pageBytesMax && texts.length > 0) break;
    texts.push(text);
  }
  return texts;
}

export interface PageInSteps<Item, Cursor> extends PageOf<Cursor> {
  /** Reads a part of the list. */
  readonly read: (part: PageOf<Cursor>) => Promise<Page<Item, Cursor>>;
  readonly cursorOf: (item: Item) => Cursor;
  /** An item as JSON. */
  readonly textOf: (item: Item) => string;
  /** The number of items to read at a time. */
  readonly step?: number;
}

/** Items of a page, and each as JSON. */
export interface TextPage<Item, Cursor> extends Page<Item, Cursor> {
  readonly texts: readonly string[];
}

/**
 * Reads a page in steps and ends it before the item that would exceed `limits.pageBytesMax`, so that little more is read than
 * returned. The cursor continues after the last returned item.
 */
export async function readInSteps<Item, Cursor>({
  limit,
  cursor: start,
  read,
  cursorOf,
  textOf,
  step = limits.pageStep,
}: PageInSteps<Item, Cursor>): Promise<TextPage<Item, Cursor>> {
  const items: Item[] = [];
  const texts: string[] = [];
  let cursor = start;
  let bytes = 0;
  while (items.length < limit) {
    const count = Math.min(step, limit - items.length);
    const part = await read({ limit: count, cursor });
    for (const item of part.items) {
      const text = textOf(item);
      bytes += Buffer.byteLength(text);
      const last = items.at(-1);
      if (last !== undefined && bytes > limits.pageBytesMax) return { items, texts, next: cursorOf(last) };
      items.push(item);
      texts.push(text);
    }
    // A short part has skipped many items, so that the page ends with it.
    if (part.next === null || part.items.length < count) return { items, texts, next: part.next };
    cursor = part.next;
  }
  return { items, texts, next: cursor };
}

/** A list that is ordered by the ids of its items. */
export interface ListById<Item, Cursor> extends PageOf<Cursor> {
  /** Reads a part of the list. Only the last part is shorter than its limit. */
  readonly read: (part: PageOf<Cursor>) => Promise<readonly Item[]>;
  readonly responseOf: (item: Item) => unknown;
  readonly nextPage: (cursor: string) => void;
  readonly step?: number;
}

/** The response with one page of such a list. The Link header has the URL of the next page. */
export async function respondWithListById<Item extends { readonly id: Cursor }, Cursor extends string>({
  read,
  responseOf,
  nextPage,
  ...page
}: ListById<Item, Cursor>): Promise<TextResponse> {
  const { texts, next } = await readInSteps({
    ...page,
    read: async ({ limit, cursor }) => pageOf(await read({ limit: limit + 1, cursor }), limit, ({ id }) => id),
    cursorOf: ({ id }) => id,
    textOf: (item) => JSON.stringify(responseOf(item)),
  });
  if (next !== null) nextPage(next);
  return new TextResponse(`[${texts.join(",")}]`);
}

/** Parses a cursor, which is the id of the last item on the previous page. An invalid id is a 422. */
export function cursorIn<Kind extends string>(cursor: string | undefined, prefix: IdPrefix | null): Id<Kind> | null {
  if (cursor === undefined) return null;
  const id = prefix === null ? parseUuid<Kind>(cursor) : parseId<Kind>(prefix, cursor);
  if (id !== null) return id;
  throw cursorInvalid();
}

export function cursorInvalid(): ApiError {
  const msg = "This is not a cursor of this list.";
  return validationFailed([{ loc: ["query", "cursor"], msg, type: "cursor_invalid" }]);
}
