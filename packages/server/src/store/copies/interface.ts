import type { Vault } from "../vault.ts";

export type CopiedRow = Readonly<Record<string, string | number | null>>;

/** A position in a table: the values of the key of a row. */
export type CopyPosition = readonly (string | number)[];

export interface CopiedTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** The columns that identify a row, in the order in which the rows are read. */
  readonly key: readonly string[];
}

export interface TableReader {
  /** Returns at most `limit` rows in the order of the key, those after a position or the first ones. */
  readRows(table: CopiedTable, after: CopyPosition | null, limit: number): Promise<CopiedRow[]>;
}

/** The database that is copied to one of another kind. No Weft runs on it. */
export interface CopySource extends TableReader, AsyncDisposable {
  /** Throws a sentence when the secrets are sealed with another master key. */
  checkMasterKey(vault: Vault): Promise<void>;
}

/** The database that a copy fills. Until the copy is finished, no Weft starts on it. */
export interface CopyTarget extends TableReader, AsyncDisposable {
  /** Returns how far an interrupted copy got: the last copied position by table. Empty for a new copy. */
  positions(): Promise<ReadonlyMap<string, CopyPosition>>;
  /** Stores rows, and the position of the last one, in one transaction. */
  writeRows(table: CopiedTable, rows: readonly CopiedRow[], position: CopyPosition): Promise<void>;
  /** Stores that the copy is complete. */
  finish(): Promise<void>;
}

/** The reason why a Weft does not start on an incomplete copy. */
export class IncompleteCopyError extends Error {
  override readonly name = "IncompleteCopyError";

  constructor() {
    super(
      "The database contains an incomplete copy of an installation. Run the same `weft migrate copy` again to complete it, or empty the database.",
    );
  }
}
