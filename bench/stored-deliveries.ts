import { DatabaseSync } from "node:sqlite";

/** Looks into Weft's database from outside, beside the process that writes it. */
export class StoredDeliveries implements Disposable {
  readonly #database: DatabaseSync;

  constructor(databasePath: string) {
    this.#database = new DatabaseSync(databasePath, { readOnly: true });
  }

  /** Attempts on the disk: a few milliseconds for each 100,000, over the narrowest index. */
  recorded(): number {
    return this.#count("select count(*) as count from attempt");
  }

  /** Deliveries that are not what they should be at the end. */
  undelivered(): number {
    return this.#count("select count(*) as count from delivery where state <> 'delivered'");
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #count(text: string): number {
    return Number(this.#database.prepare(text).get()?.count);
  }
}
