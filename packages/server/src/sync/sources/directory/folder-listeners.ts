import { type FSWatcher, watch } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const foldersMax = 10_000;

/** Listens for changes in folders if the system supports it. A caller must also check periodically. */
export class FolderListeners implements Disposable {
  readonly #watchers = new Map<string, FSWatcher>();
  #isHeard = false;
  #onHeard = () => {};

  /** Listens in these folders from now on, and in no others. Returns whether some of them are new. */
  listen(folders: ReadonlySet<string>): boolean {
    for (const folder of [...this.#watchers.keys()]) if (!folders.has(folder)) this.#leave(folder);
    let hasNew = false;
    for (const folder of folders) {
      if (this.#watchers.has(folder) || this.#watchers.size >= foldersMax) continue;
      hasNew = this.#join(folder) || hasNew;
    }
    return hasNew;
  }

  /** Resolves when a change was reported since the last call, after a time at the latest, and when the signal aborts. */
  async heard(withinMs: number, signal: AbortSignal): Promise<void> {
    const wake = new AbortController();
    this.#onHeard = () => wake.abort();
    if (!this.#isHeard)
      await sleep(withinMs, undefined, { signal: AbortSignal.any([signal, wake.signal]) }).catch(() => {});
    this.#isHeard = false;
  }

  /** False where the system has no watches left or cannot report changes there. */
  #join(folder: string): boolean {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#hear());
      watcher.on("error", () => {
        this.#leave(folder);
        this.#hear();
      });
      this.#watchers.set(folder, watcher);
      return true;
    } catch {
      return false;
    }
  }

  #leave(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #hear(): void {
    this.#isHeard = true;
    this.#onHeard();
  }

  [Symbol.dispose](): void {
    for (const folder of [...this.#watchers.keys()]) this.#leave(folder);
  }
}
