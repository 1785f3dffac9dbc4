import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** The address of a running Weft, and a key that is valid until its process ends. */
export interface LocalAccess {
  readonly url: string;
  readonly key: string;
}

/**
 * A file next to a SQLite database, through which commands on this machine reach the Weft that runs on the database. Only the
 * owner can read it: a user who can open the database may do everything in it anyway.
 */
export class LocalAccessFile implements Disposable {
  readonly #path: string;

  /** Deletes the file of a process that was killed. This process must have locked the database. */
  constructor(databasePath: string) {
    this.#path = pathOf(databasePath);
    rmSync(this.#path, { force: true });
  }

  /** Without the file, such as on a full disk, Weft works, and commands report that the database is in use. */
  write(access: LocalAccess): void {
    try {
      writeFileSync(this.#path, JSON.stringify(access), { flag: "wx", mode: 0o600 });
    } catch {
      rmSync(this.#path, { force: true });
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { force: true });
  }
}

/** Null if no Weft that listens on a port runs on the database, or this user cannot read the file. */
export function readLocalAccess(databasePath: string): LocalAccess | null {
  try {
    return JSON.parse(readFileSync(pathOf(databasePath), "utf8")) as LocalAccess;
  } catch {
    return null;
  }
}

function pathOf(databasePath: string): string {
  return `${databasePath}.access`;
}
