import type { Clock } from "../domain/clock.ts";
import type { SourceConnectionId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { SourceConnection } from "../domain/source-connection.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";
import type { SourceList } from "./source-list.ts";

export interface WatchParts {
  readonly store: Pick<Store, "findWatchedConnections" | "readSyncCursor" | "noteChange">;
  readonly sources: SourceList;
  readonly clock: Pick<Clock, "now">;
  readonly reporter: Pick<Reporter, "choreFailed">;
}

interface Watch {
  /** The settings that it began with. */
  readonly config: string;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Watches the connections whose schedule is continuous, and makes them due when something changed. Every node watches
 * what it can reach; the store lets one of them have each change.
 */
export class Watches {
  readonly #parts: WatchParts;
  readonly #wake: () => void;
  readonly #watches = new Map<SourceConnectionId, Watch>();

  /** `wake` has what is due looked for. */
  constructor(parts: WatchParts, wake: () => void) {
    this.#parts = parts;
    this.#wake = wake;
  }

  /** Begins what is to be watched from now on, and ends what is not any more. */
  async tend(): Promise<void> {
    const found = await this.#parts.store.findWatchedConnections({ limit: limits.watchedConnectionsMax });
    const wanted = new Map(found.map(({ id, config }) => [id, JSON.stringify(config)]));
    for (const [id, watch] of this.#watches) if (wanted.get(id) !== watch.config) watch.stop.abort();
    // One with a job under way would be taken for changed: what that job has seen is not stored yet.
    for (const connection of found) {
      if (!this.#watches.has(connection.id) && !connection.isUnderWay) this.#begin(connection);
    }
  }

  async stop(): Promise<void> {
    const watches = [...this.#watches.values()];
    for (const watch of watches) watch.stop.abort();
    await Promise.all(watches.map((watch) => watch.ended));
  }

  #begin(connection: SourceConnection): void {
    const stop = new AbortController();
    const ended = this.#watch(connection, stop)
      .catch((error: unknown) => {
        if (!stop.signal.aborted) this.#parts.reporter.choreFailed({ chore: "watch a source", error });
      })
      .finally(() => this.#watches.delete(connection.id));
    this.#watches.set(connection.id, { config: JSON.stringify(connection.config), stop, ended });
  }

  async #watch({ id, source, config }: SourceConnection, stop: AbortController): Promise<void> {
    const { store, sources } = this.#parts;
    const watch = sources.find(source)?.watch;
    if (watch === undefined) return;
    const cursor = await store.readSyncCursor({ sourceConnectionId: id });
    let noted = Promise.resolve(-limits.watchFloorMs);
    const changed = () => {
      noted = noted.then((dueBefore) => this.#note(id, dueBefore));
      // A change that could not be stored is found again when the watch begins anew.
      noted.catch(() => stop.abort());
    };
    await watch({ config, cursor, signal: stop.signal }, changed);
    await noted;
  }

  /** Answers when the schedule was made due last. */
  async #note(sourceConnectionId: SourceConnectionId, dueBefore: number): Promise<number> {
    const changedAt = this.#parts.clock.now();
    const dueAt = Math.max(changedAt, dueBefore + limits.watchFloorMs);
    if (!(await this.#parts.store.noteChange({ sourceConnectionId, changedAt, dueAt }))) return dueBefore;
    this.#wake();
    return dueAt;
  }
}
