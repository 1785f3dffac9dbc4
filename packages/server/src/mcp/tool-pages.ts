import type { Page } from "@weft/sdk";
import { z } from "zod";
import { limits } from "../domain/limits.ts";

/** The arguments that every list has. */
export const pageArguments = {
  limit: z.int().min(1).max(limits.pageMax).default(limits.toolItemsDefault).describe("The maximum number of items."),
  cursor: z.string().max(limits.nameLengthMax).optional().describe("`next_cursor` of the previous result."),
};

export const nextCursor = z
  .string()
  .nullable()
  .describe("Continues the list; null on the last page. A page may have fewer items than the limit.");

/** A page whose result fits: it is read again with fewer items until it does. */
export async function fittingPage<Item, Shown>(
  limit: number,
  read: (limit: number) => Promise<Page<Item>>,
  shownAs: (item: Item) => Shown,
): Promise<{ items: Shown[]; next_cursor: string | null }> {
  for (let count = limit; ; count = Math.ceil(count / 2)) {
    const page = await read(count);
    const items = page.items.map(shownAs);
    const bytes = Buffer.byteLength(JSON.stringify(items));
    if (count === 1 || bytes <= limits.toolItemsBytesMax) return { items, next_cursor: page.nextCursor };
  }
}

const cutNote = "… [Weft shortened this text]";

/** A text of at most this many characters, which says so when it was shortened. */
export function shortText(text: string, lengthMax: number = limits.toolTextLengthMax): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax).toWellFormed()}${cutNote}`;
}
