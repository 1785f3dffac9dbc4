import { statSync } from "node:fs";
import type { LookUpName } from "./operations.ts";

/** Queries that loops repeat. Their results depend on their parameters and on the database alone. */
const names = [
  "fanOutWaits",
  "findDueLanes",
  "findPendingJobs",
  "findRunningRecoveries",
  "findRunningTasks",
  "findWatchedConnections",
  "isSealingDue",
] as const satisfies LookUpName[];

type LookName = (typeof names)[number];

/** Two writes within the resolution of the file's time may leave the same state. */
const resolutionMs = 100;

/**
 * Finds nothing, without a query, while the database is unchanged since the same query found nothing.
 * Every write of any connection changes the write-ahead log.
 */
export class RepeatedLooks {
  readonly #logPath: string;
  readonly #now: () => number;
  #log: string | null = null;
  readonly #foundNothing = new Map<string, unknown>();

  /** `now` is the clock that the times of files are from (ms). */
  constructor(databasePath: string, now = () => Date.now()) {
    this.#logPath = `${databasePath}-wal`;
    this.#now = now;
  }

  isOne(name: LookUpName): name is LookName {
    return (names as readonly LookUpName[]).includes(name);
  }

  async look<Found>(name: LookName, params: unknown, query: () => Promise<Found>): Promise<Found> {
    const log = this.#settledLog();
    if (log !== this.#log) {
      this.#log = log;
      this.#foundNothing.clear();
    }
    const key = `${name} ${JSON.stringify(params)}`;
    if (this.#foundNothing.has(key)) return this.#foundNothing.get(key) as Found;
    const found = await query();
    if (log !== null && log === this.#log && isNothing(found)) this.#foundNothing.set(key, found);
    return found;
  }

  /** Where the system updates the time of a file late, only this shows that this process has written. */
  committed(): void {
    this.#log = null;
    this.#foundNothing.clear();
  }

  /** Null if the next write may leave the same state. */
  #settledLog(): string | null {
    const stats = statSync(this.#logPath, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return "";
    return this.#now() - Number(stats.mtimeMs) > resolutionMs ? `${stats.mtimeNs} ${stats.size}` : null;
  }
}

function isNothing(found: unknown): boolean {
  return found === false || (Array.isArray(found) && found.length === 0);
}
