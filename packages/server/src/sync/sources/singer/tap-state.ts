import { parsePrintable } from "../../../domain/json-text.ts";
import { isObject } from "./tap-messages.ts";

/**
 * A state without the bookmarks of these streams. A tap that ignores the method of a stream would otherwise send only its
 * changes, and Weft would delete the rest.
 */
export function withoutBookmarks(state: string | null, streamIds: readonly string[]): string | null {
  if (state === null || streamIds.length === 0) return state;
  const parsed = parsePrintable(state);
  if (!isObject(parsed) || !isObject(parsed.bookmarks)) return state;
  const bookmarks = Object.entries(parsed.bookmarks).filter(([id]) => !streamIds.includes(id));
  return JSON.stringify({ ...parsed, bookmarks: Object.fromEntries(bookmarks) });
}
