import type { CopiedRow, CopiedTable, CopyPosition, CopyTarget } from "../copies/interface.ts";
import { IncompleteCopyError } from "../copies/interface.ts";
import { readCopiedRows } from "../copies/read-rows.ts";
import { copiedTable } from "./copied-table.ts";
import { Database } from "./database.ts";
import { type Holder, lockDatabase } from "./lock.ts";
import { makeFile } from "./make-file.ts";
import { migrate } from "./migrate.ts";
import { SqliteSql } from "./sqlite-sql.ts";

const positionTable = "create table if not exists copy_position (name text primary key, position text not null) strict";

/** A new SQLite database that a copy fills. */
export class SqliteCopyTarget implements CopyTarget {
  readonly #db: Database;
  readonly #sql: SqliteSql;
  readonly #lock: Disposable;

  /** Locks the database and creates its schema. Throws when it contains an installation already. */
  constructor(path: string, holder: Holder, now: number) {
    makeFile(path);
    this.#lock = lockDatabase(path, holder);
    this.#db = new Database(path, { readOnly: false });
    this.#sql = new SqliteSql(this.#db);
    migrate(this.#db, now);
    if (!hasIncompleteCopy(this.#db)) {
      if (this.#db.get("select 1 from organization limit 1") !== null) {
        throw new Error("That database already contains a Weft. Copy into a new file.");
      }
      this.#db.exec(positionTable);
    }
    // Each commit of the copy waits for the disk.
    this.#db.exec("pragma synchronous = full");
  }

  table(name: string): CopiedTable {
    return copiedTable(this.#db, name);
  }

  async positions(): Promise<ReadonlyMap<string, CopyPosition>> {
    const rows = this.#db.all<{ name: string; position: string }>("select name, position from copy_position");
    return new Map(rows.map(({ name, position }) => [name, JSON.parse(position) as CopyPosition]));
  }

  async writeRows({ name, columns }: CopiedTable, rows: readonly CopiedRow[], position: CopyPosition): Promise<void> {
    const text = `insert into ${name} (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`;
    this.#db.exec("begin immediate");
    try {
      for (const row of rows) this.#db.run(text, ...columns.map((column) => row[column] ?? null));
      this.#db.run(
        "insert into copy_position (name, position) values (?, ?) on conflict do update set position = excluded.position",
        name,
        JSON.stringify(position),
      );
      this.#db.exec("commit");
    } catch (error) {
      this.#db.exec("rollback");
      throw error;
    }
  }

  readRows(table: CopiedTable, after: CopyPosition | null, limit: number): Promise<CopiedRow[]> {
    return readCopiedRows(this.#sql, table, after, limit);
  }

  async finish(): Promise<void> {
    this.#db.exec("drop table copy_position");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db.close();
    this.#lock[Symbol.dispose]();
  }
}

/** Throws IncompleteCopyError if a copy into the database was interrupted. */
export function refuseIncompleteCopy(db: Database): void {
  if (hasIncompleteCopy(db)) throw new IncompleteCopyError();
}

function hasIncompleteCopy(db: Database): boolean {
  return db.get("select 1 from sqlite_schema where name = 'copy_position'") !== null;
}
