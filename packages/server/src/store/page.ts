/** A page of a list, newest first. The page holds items that are older than the cursor, which is an id. */
export interface PageOf<Cursor> {
  readonly limit: number;
  readonly cursor: Cursor | null;
}

/** The place of an item in a list that is ordered by a value: the value as text, and the item's id. */
export interface SortPosition<Id> {
  readonly key: string;
  readonly id: Id;
}

/** A page of a list that is ordered by a value, and then by id. */
export interface SortedPageOf<Id, Sort extends string> {
  readonly sort: Sort;
  readonly descending: boolean;
  /** The last item of the previous page; null for the first page. */
  readonly position: SortPosition<Id> | null;
  readonly limit: number;
}

/**
 * The result of a list. `next` is the cursor of the next page, or null at the end of the list. A page that is not the last may
 * be short or even empty, if many items had to be skipped for it.
 */
export interface Page<Item, Cursor> {
  readonly items: readonly Item[];
  readonly next: Cursor | null;
}
