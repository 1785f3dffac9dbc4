import { closeSync, fdatasyncSync, openSync, statSync } from "node:fs";
import type { Outcome } from "../commit/batch.ts";

/** The write-ahead log of a database. */
export class LogFile {
  readonly #path: string;
  #open: { readonly file: number; readonly inode: number } | null = null;

  constructor(databasePath: string) {
    this.#path = `${databasePath}-wal`;
  }

  /** Returns when everything that was written before is on the disk. */
  sync(): Outcome {
    try {
      fdatasyncSync(this.#file());
      return { ok: true, value: null };
    } catch (error) {
      return { ok: false, unavailable: true, error };
    }
  }

  /**
   * The log keeps its file while the store is open. The check guards against a replaced file, whose sync would prove
   * nothing.
   */
  #file(): number {
    const { ino: inode } = statSync(this.#path);
    if (this.#open?.inode === inode) return this.#open.file;
    if (this.#open !== null) closeSync(this.#open.file);
    this.#open = { file: openSync(this.#path, "r+"), inode };
    return this.#open.file;
  }
}
