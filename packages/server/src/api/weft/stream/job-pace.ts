import type { SyncJobId } from "../../../domain/id.ts";
import { limits } from "../../../domain/limits.ts";
import { isUnfinishedJob, type SyncJob } from "../../../domain/sync-job.ts";

/** How often a stream tells of a job that is under way: now and then. That it has ended is told at once. */
export class JobPace {
  readonly #toldAt = new Map<SyncJobId, number>();
  readonly #waiting = new Map<SyncJobId, SyncJob>();

  /** Whether to tell of a job now. Else it waits, in the place of what waited of it before. */
  tells(job: SyncJob, now: number): boolean {
    if (!isUnfinishedJob(job)) {
      this.#toldAt.delete(job.id);
      this.#waiting.delete(job.id);
      return true;
    }
    if (now < this.#readyAt(job.id)) {
      this.#waiting.set(job.id, job);
      return false;
    }
    this.#waiting.delete(job.id);
    this.#toldAt.set(job.id, now);
    return true;
  }

  /** Those that have waited long enough to be told. */
  due(now: number): SyncJob[] {
    return [...this.#waiting.values()].filter((job) => now >= this.#readyAt(job.id));
  }

  /** When the next may be told (Unix ms); infinity when none waits. */
  get nextAt(): number {
    return Math.min(...[...this.#waiting.keys()].map((id) => this.#readyAt(id)));
  }

  get isHolding(): boolean {
    return this.#waiting.size > 0;
  }

  #readyAt(id: SyncJobId): number {
    return (this.#toldAt.get(id) ?? Number.NEGATIVE_INFINITY) + limits.streamJobRestMs;
  }
}
