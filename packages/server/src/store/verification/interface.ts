/** The result of reading a whole database, for example a restored copy. */
export interface Verification {
  /** The number of rows in each of these tables. */
  readonly rows: Readonly<Record<string, number>>;
  /** Unix ms; null without messages. */
  readonly newestMessageAt: number | null;
  /** Rows that refer to a row that does not exist, by table. Without damage it is empty. */
  readonly broken: Readonly<Record<string, number>>;
}
