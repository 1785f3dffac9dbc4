import { limits } from "../domain/limits.ts";
import type { SyncCounts } from "../domain/sync-job.ts";
import type { SyncPlan } from "../store/producer-store.ts";
import type { Store } from "../store/store.ts";
import { recordOf, unfitness } from "./entity-record.ts";
import { ProblemTally } from "./problem-tally.ts";
import {
  type RunContext,
  type Source,
  type SourceEntity,
  SourceError,
  type SourceItem,
  type SourceProblem,
} from "./source.ts";
import { untilAborted } from "./until-aborted.ts";

/** What lets a run in. */
export type SourceAccess = Pick<RunContext, "credentials" | "accessToken">;

export type RunStore = Pick<Store, "readEntityHashes" | "storeEntities" | "deleteUnseenEntities">;

/** The store says that the job is not running any more: somebody cancels it, or has ended it. */
export class JobLostError extends Error {
  override readonly name = "JobLostError";
}

const batchMsMax = 1_000;
const deletedPerStep = 64;

/**
 * Reads a source into the store for one running job, batch by batch: the next entity is asked for when there is room, so
 * a fast source waits for the disk. The counts commit with the batches that they count.
 */
export class JobRun {
  readonly tally = new ProblemTally();
  readonly #store: RunStore;
  readonly #plan: SyncPlan;
  readonly #now: () => number;
  readonly #entities: SourceEntity[] = [];
  readonly #failed: { id: string; keeps: boolean }[] = [];
  readonly #failedIds = new Set<string>();
  #textBytes = 0;
  #batchSince = 0;
  #sawEverything = true;

  constructor(store: RunStore, plan: SyncPlan, now: () => number) {
    this.#store = store;
    this.#plan = plan;
    this.#now = now;
  }

  /** Throws what the source throws, the signal's reason, or JobLostError. What was stored until then stays. */
  async read(source: Source, access: SourceAccess, signal: AbortSignal): Promise<void> {
    const items = source.entities({ config: this.#plan.connection.config, ...access, signal });
    this.#batchSince = this.#now();
    try {
      for await (const item of untilAborted(items, signal)) {
        this.#take(item);
        if (this.#isFull()) await this.#storeBatch();
      }
    } finally {
      // Also when the source failed: what it gave until then is kept, and counted.
      await this.#storeBatch();
    }
    signal.throwIfAborted();
    if (this.#sawEverything) await this.#deleteUnseen(signal);
  }

  #take(item: SourceItem): void {
    const reason = item.kind === "problem" ? null : unfitness(item);
    if (item.kind === "problem") this.#fail(item);
    else if (reason !== null) this.#fail({ kind: "problem", id: item.id, reason, keeps: "nothing" });
    else {
      this.#entities.push(item);
      this.#textBytes += item.text.length;
    }
  }

  #fail({ id, reason, keeps }: SourceProblem): void {
    if (keeps === "everything") this.#sawEverything = false;
    if (this.#failedIds.has(id)) return;
    this.#failedIds.add(id);
    this.#failed.push({ id, keeps: keeps !== "nothing" });
    this.tally.add(reason, id);
  }

  #isFull(): boolean {
    return (
      this.#entities.length + this.#failed.length >= limits.syncBatchEntitiesMax ||
      this.#textBytes >= limits.syncBatchTextBytesMax ||
      this.#now() - this.#batchSince >= batchMsMax
    );
  }

  async #storeBatch(): Promise<void> {
    const { job, connection } = this.#plan;
    if (this.#entities.length + this.#failed.length === 0) return;
    const read = this.#entities.splice(0);
    const failed = this.#failed.splice(0);
    this.#textBytes = 0;
    this.#batchSince = this.#now();
    const stored = await this.#store.readEntityHashes({
      sourceConnectionId: connection.id,
      entityIds: read.map((entity) => entity.id),
    });
    const hashes = new Map(stored.map(({ entityId, hash }) => [entityId, hash]));
    const entities = [];
    for (const entity of read) entities.push(await recordOf(entity, hashes.get(entity.id)));
    const counts = await this.#store.storeEntities({ jobId: job.id, entities, failed, now: this.#now() });
    this.#checkCounts(counts);
  }

  #checkCounts(counts: SyncCounts | null): void {
    if (counts === null) throw new JobLostError("The job is not running any more.");
    if (this.#plan.connection.entityCount + counts.inserted > limits.entitiesPerConnectionMax) {
      throw new SourceError(
        `The source holds more than ${limits.entitiesPerConnectionMax} entities. Narrow its settings.`,
      );
    }
  }

  async #deleteUnseen(signal: AbortSignal): Promise<void> {
    for (;;) {
      const step = await this.#store.deleteUnseenEntities({ jobId: this.#plan.job.id, limit: deletedPerStep });
      if (step === null) throw new JobLostError("The job is not running any more.");
      if (!step.left) return;
      signal.throwIfAborted();
    }
  }
}
