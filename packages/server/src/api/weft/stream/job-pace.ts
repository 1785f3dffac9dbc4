import type { SyncJobId } from "../../../domain/id.ts";
import { limits } from "../../../domain/limits.ts";
import { isUnfinishedJob, type SyncJob } from "../../../domain/sync-job.ts";

/** Limits how often a stream reports a running job. The end of a job is reported at once. */
export class JobPace {
  readonly #sentAt = new Map<SyncJobId, number>();
  readonly #waiting = new Map<SyncJobId, SyncJob>();

  /** Whether to report a job now. Otherwise the change waits, and replaces an earlier waiting change of the job. */
  isDue(job: SyncJob, now: number): boolean {
    if (!isUnfinishedJob(job)) {
      this.#sentAt.delete(job.id);
      this.#waiting.delete(job.id);
      return true;
    }
    if (now < this.#readyAt(job.id)) {
      this.#waiting.set(job.id, job);
      return false;
    }
    this.#waiting.delete(job.id);
    this.#sentAt.set(job.id, now);
    return true;
  }

  /** The changes that are due. */
  due(now: number): SyncJob[] {
    return [...this.#waiting.values()].filter((job) => now >= this.#readyAt(job.id));
  }

  /** When the next change is due (Unix ms); infinity when none waits. */
  get nextAt(): number {
    return Math.min(...[...this.#waiting.keys()].map((id) => this.#readyAt(id)));
  }

  get isHolding(): boolean {
    return this.#waiting.size > 0;
  }

  #readyAt(id: SyncJobId): number {
    return (this.#sentAt.get(id) ?? Number.NEGATIVE_INFINITY) + limits.streamJobRestMs;
  }
}
