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
  #watcher: FSWatcher | null = null;
  #onChange: (() => void) | null = null;

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

  /** Calls `onChange` when the log is written, until disposed. Null if the log cannot be watched. One observer at a time. */
  watch(onChange: () => void): Disposable | null {
    try {
      this.#watcher ??= this.#watchLog();
    } catch {
      return null;
    }
    this.#onChange = onChange;
    return {
      [Symbol.dispose]: () => {
        this.#onChange = null;
      },
    };
  }

  /** Ends the observation of the log. */
  close(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }

  /** The observation lasts longer than one observer, because beginning it costs an idle process more than a look. */
  #watchLog(): FSWatcher {
    const watcher = watch(this.#logPath, { persistent: false }, (kind) => {
      // The file is no longer the one at the path.
      if (kind === "rename") this.close();
      this.#onChange?.();
    });
    watcher.on("error", () => {
      this.close();
      this.#onChange?.();
    });
    return watcher;
  }

  #log(): string {
    const stats = statSync(this.#logPath, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? "" : `${stats.mtimeNs} ${stats.size}`;
  }
}
