/** Asks for a page of a list, newest first, that goes on from a cursor: an id, and what is older belongs to the page. */
export interface PageOf<Cursor> {
  readonly limit: number;
  readonly cursor: Cursor | null;
}

/**
 * What a list answers. `next` is the cursor to go on with, and null at the end of the list. A page may be short, even
 * empty, and not the last, when very much had to be passed over for it.
 */
export interface Page<Item, Cursor> {
  readonly items: readonly Item[];
  readonly next: Cursor | null;
}
