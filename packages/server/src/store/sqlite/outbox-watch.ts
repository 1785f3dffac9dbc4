import { type FSWatcher, statSync, watch } from "node:fs";

/** A write may leave the state of the log as it was, if it follows another within the resolution of the file's time. */
const certainForMs = 1_000;

/**
 * Finds out whether events wait in the outbox, without a query while the database is unchanged. Applications write to the outbox
 * through connections of their own, and every write of any connection changes the write-ahead log.
 */
export class OutboxWatch {
  readonly #logPath: string;
  /** The log when the outbox was last empty. */
  #emptyAt: { readonly log: string; readonly ms: number } | null = null;

  constructor(databasePath: string) {
    this.#logPath = `${databasePath}-wal`;
  }

  async waits(query: () => Promise<boolean>): Promise<boolean> {
    const ms = performance.now();
    const log = this.#log();
    if (this.#emptyAt?.log === log && ms - this.#emptyAt.ms < certainForMs) return false;
    this.#emptyAt = null;
    const isWaiting = await query();
    if (!isWaiting) this.#emptyAt = { log, ms };
    return isWaiting;
  }

  /** Calls `onChange` when the log is written. Null if the log cannot be watched. */
  watch(onChange: () => void): Disposable | null {
    let watcher: FSWatcher;
    try {
      watcher = watch(this.#logPath, { persistent: false }, onChange);
    } catch {
      return null;
    }
    // The system may end the observation, for example when the file is replaced.
    watcher.on("error", onChange);
    return { [Symbol.dispose]: () => watcher.close() };
  }

  #log(): string {
    const stats = statSync(this.#logPath, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? "" : `${stats.mtimeNs} ${stats.size}`;
  }
}
