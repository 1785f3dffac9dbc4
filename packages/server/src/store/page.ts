/** A page of a list, newest first. The page holds items that are older than the cursor, which is an id. */
export interface PageOf<Cursor> {
  readonly limit: number;
  readonly cursor: Cursor | null;
}

/**
 * The result of a list. `next` is the cursor of the next page, or null at the end of the list. A page that is not the last may
 * be short or even empty, if many items had to be skipped for it.
 */
export interface Page<Item, Cursor> {
  readonly items: readonly Item[];
  readonly next: Cursor | null;
}
