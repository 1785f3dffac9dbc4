import type { Clock } from "../domain/clock.ts";
import type { SourceConnectionId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { SourceConnection } from "../domain/source-connection.ts";
import { isUnfinished } from "../domain/sync-job.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";
import type { Changed } from "./source.ts";
import type { SourceList } from "./source-list.ts";

export interface WatchParts {
  readonly store: Pick<Store, "findWatchedConnections" | "readSourceConnection" | "readSyncCursor" | "noteChange">;
  readonly sources: SourceList;
  readonly clock: Clock;
  readonly reporter: Pick<Reporter, "internalOperationFailed">;
}

interface Watch {
  /** The settings that it began with. */
  readonly config: string;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** The changes that a watch reported. Only the last one counts, because it describes the current state. */
interface ReportedChange {
  cursor: string | null;
  count: number;
  /** Whether a check for a job of this change is scheduled. */
  isLookedInto: boolean;
}

/**
 * Watches the connections with a continuous schedule, and makes them due when something changed. Every node watches the sources
 * that it can reach, and detects a change at its own time, even if another node's job has read it already.
 */
export class Watches {
  readonly #parts: WatchParts;
  readonly #wake: () => void;
  readonly #watches = new Map<SourceConnectionId, Watch>();

  /** `wake` starts a check for due schedules. */
  constructor(parts: WatchParts, wake: () => void) {
    this.#parts = parts;
    this.#wake = wake;
  }

  /** Starts new watches, and ends those that are no longer needed. */
  async tend(): Promise<void> {
    const found = await this.#parts.store.findWatchedConnections({ limit: limits.watchedConnectionsMax });
    const watched = new Map(found.map(({ id, config }) => [id, JSON.stringify(config)]));
    for (const [id, watch] of this.#watches) if (watched.get(id) !== watch.config) watch.stop.abort();
    // A connection with a running job would appear changed, because the job's cursor is not stored yet.
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
        if (!stop.signal.aborted) this.#parts.reporter.internalOperationFailed({ operation: "watch a source", error });
      })
      .finally(() => this.#watches.delete(connection.id));
    this.#watches.set(connection.id, { config: JSON.stringify(connection.config), stop, ended });
  }

  async #watch(connection: SourceConnection, stop: AbortController): Promise<void> {
    const { store, sources } = this.#parts;
    const { id: sourceConnectionId, organizationId: owner, source, config } = connection;
    const watch = sources.find(source)?.watch;
    if (watch === undefined) return;
    const last = await store.readSyncCursor({ sourceConnectionId });
    const reported: ReportedChange = { cursor: null, count: 0, isLookedInto: false };
    let noted = Promise.resolve();
    const changed: Changed = (cursor) => {
      reported.cursor = cursor ?? null;
      reported.count += 1;
      if (reported.isLookedInto) return;
      reported.isLookedInto = true;
      noted = noted.then(() => this.#note(connection, reported, stop.signal));
      // A change that could not be stored is found again when the watch restarts.
      noted.catch(() => stop.abort());
    };
    await watch({ owner, config, cursor: last, signal: stop.signal }, changed);
    await noted;
  }

  /** Makes the connection due, unless a job has already reached the current state. */
  async #note(connection: SourceConnection, reported: ReportedChange, signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#parts;
    const key = { sourceConnectionId: connection.id };
    for (;;) {
      const { cursor, count } = reported;
      // This precedes the query for jobs: a job that starts later reads every change reported so far.
      const changedAt = clock.now();
      if (cursor !== null && (await this.#isUnderWay(connection))) {
        await clock.sleep(limits.watchRestMs, signal);
        // The next watch finds it again, because no job stored a cursor after it.
        if (signal.aborted) return;
        continue;
      }
      const known = cursor === null ? null : await store.readSyncCursor(key);
      if (reported.count !== count) continue;
      reported.isLookedInto = false;
      if (cursor !== null && cursor === known) return;
      const times = { changedAt, dueAt: changedAt, apartMs: limits.watchFloorMs };
      if (await store.noteChange({ ...key, ...times })) this.#wake();
      return;
    }
  }

  /** Whether the connection has a job whose cursor is not known yet. */
  async #isUnderWay({ id, organizationId }: SourceConnection): Promise<boolean> {
    const found = await this.#parts.store.readSourceConnection({ sourceConnectionId: id, organizationId });
    return isUnfinished(found?.lastJob?.state ?? null);
  }
}
