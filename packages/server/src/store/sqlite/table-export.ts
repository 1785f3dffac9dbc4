import { checkOpens } from "../sealing/sql.ts";
import type { Vault } from "../vault.ts";
import { Database, type Row } from "./database.ts";
import { type Holder, lockDatabase } from "./lock.ts";
import { migrate } from "./migrate.ts";
import { SqliteSql } from "./sqlite-sql.ts";

/** Every row of a database that no other process has open, table by table. */
export class TableExport implements Disposable {
  readonly #db: Database;
  readonly #lock: Disposable;

  /** Locks the database and brings its schema up to this program's. Throws DatabaseInUseError. */
  constructor(path: string, holder: Holder, now: number) {
    this.#lock = lockDatabase(path, holder);
    this.#db = new Database(path, { readOnly: false });
    migrate(this.#db, now);
  }

  /** Throws a sentence when the secrets are sealed with another master key. */
  async checkMasterKey(vault: Vault): Promise<void> {
    try {
      await checkOpens({ sql: new SqliteSql(this.#db), vault });
    } catch (cause) {
      throw new Error(
        "WEFT_MASTER_KEY is not the key that this installation's secrets are encrypted with. When it never had one set, " +
          "the key is in the file master.key beside the database. The nodes on PostgreSQL need the same.",
        { cause },
      );
    }
  }

  columns(table: string): string[] {
    return this.#db.all<{ name: string }>("select name from pragma_table_info(?)", table).map((row) => row.name);
  }

  count(table: string): number {
    return this.#db.get<{ count: number }>(`select count(*) as count from ${table}`)?.count ?? 0;
  }

  /** The first and the last id of a table whose ids contain times; null when it is empty. */
  ends(table: string): { readonly first: string; readonly last: string } | null {
    const row = this.#db.get<{ first: string | null; last: string | null }>(
      `select min(id) as first, max(id) as last from ${table}`,
    );
    return row === null || row.first === null || row.last === null ? null : { first: row.first, last: row.last };
  }

  rows(select: string): IterableIterator<Row> {
    return this.#db.iterate(select);
  }

  [Symbol.dispose](): void {
    this.#db.close();
    this.#lock[Symbol.dispose]();
  }
}
