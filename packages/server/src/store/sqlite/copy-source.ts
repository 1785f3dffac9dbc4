import { existsSync } from "node:fs";
import type { CopiedRow, CopiedTable, CopyPosition, CopySource } from "../copies/interface.ts";
import { readCopiedRows } from "../copies/read-rows.ts";
import { checkOpens } from "../sealing/sql.ts";
import type { Vault } from "../vault.ts";
import { copiedTable } from "./copied-table.ts";
import { Database } from "./database.ts";
import { type Holder, lockDatabase } from "./lock.ts";
import { migrate } from "./migrate.ts";
import { SqliteSql } from "./sqlite-sql.ts";

/** A SQLite installation that is copied, while no other process has it open. */
export class SqliteCopySource implements CopySource {
  readonly #db: Database;
  readonly #sql: SqliteSql;
  readonly #lock: Disposable;

  /** Locks the database and brings its schema up to this program's. Throws DatabaseInUseError. */
  constructor(path: string, holder: Holder, now: number) {
    if (!existsSync(path)) throw new Error(`The database ${path} does not exist. Name the one to copy with --from.`);
    this.#lock = lockDatabase(path, holder);
    this.#db = new Database(path, { readOnly: false });
    this.#sql = new SqliteSql(this.#db);
    migrate(this.#db, now);
  }

  async checkMasterKey(vault: Vault): Promise<void> {
    try {
      await checkOpens({ sql: this.#sql, vault });
    } catch (cause) {
      throw new Error(
        "WEFT_MASTER_KEY is not the key that this installation's secrets are encrypted with. When it never had one set, " +
          "the key is in the file master.key beside the database. The nodes on PostgreSQL need the same.",
        { cause },
      );
    }
  }

  table(name: string): CopiedTable {
    return copiedTable(this.#db, name);
  }

  readRows(table: CopiedTable, after: CopyPosition | null, limit: number): Promise<CopiedRow[]> {
    return readCopiedRows(this.#sql, table, after, limit);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db.close();
    this.#lock[Symbol.dispose]();
  }
}
