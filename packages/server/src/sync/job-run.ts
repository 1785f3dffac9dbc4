import { assertNever } from "../domain/assert-never.ts";
import type { Clock } from "../domain/clock.ts";
import type { SyncJobId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { SyncCounts } from "../domain/sync-job.ts";
import type { ReadCursor } from "../store/entities/interface.ts";
import type { Store } from "../store/store.ts";
import type { SyncPlan } from "../store/sync-jobs/interface.ts";
import { unfitness } from "./entity-record.ts";
import { withoutSecrets } from "./failure-reason.ts";
import { itemsAndPauses, type Pause } from "./items-and-pauses.ts";
import { type CountedProblem, ProblemCounts } from "./problem-counts.ts";
import { type BatchPart, ReadBatch } from "./read-batch.ts";
import { secretsAmong } from "./secret-credentials.ts";
import {
  type RunContext,
  type Source,
  type SourceEntity,
  SourceError,
  type SourceItem,
  type SourceProblem,
  type SourceRestGone,
} from "./source.ts";

/** The permission for a run to start. */
export type SourceAccess = Pick<RunContext, "credentials" | "accessToken">;

export type RunStore = Pick<
  Store,
  "readSyncCursor" | "readEntityHashes" | "storeEntities" | "deleteUnseenEntities" | "beginNextTry"
>;

/** The store reports that the job is no longer running: it was cancelled or has ended. */
export class JobLostError extends Error {
  override readonly name = "JobLostError";
}

const batchMsMax = 1_000;
/** One is synced to the disk, and one is written. */
const batchesStoringMax = 2;
/** Every id begins with it. */
const everything = { idPrefix: "", seenBy: [] };
const deletedPerStep = 64;
const examinedPerStep = 2_000;

/** A cursor, with the failures before it. */
interface CursorPosition {
  readonly cursor: string;
  readonly problemCounts: ProblemCounts;
}

/** A batch in the form in which it is stored. `position` is the cursor after it. */
interface PreparedBatch {
  readonly batch: ReadBatch;
  readonly parts: readonly BatchPart[];
  readonly position: CursorPosition | null;
}

/**
 * Reads a source into the store for one running job, in batches. The next batch is read while two are stored, and no further, so
 * that a fast source waits for the disk. Counts commit with the batches that they count.
 */
export class JobRun {
  readonly #store: RunStore;
  readonly #plan: SyncPlan;
  readonly #clock: Clock;
  #batch: ReadBatch;
  readonly #failedIds = new Set<string>();
  #problemCounts = new ProblemCounts();
  /** The source's latest position, which is not stored yet. */
  #position: CursorPosition | null = null;
  /** The position of this job's last stored cursor. */
  #storedPosition: CursorPosition | null = null;
  /** The entities that the job has read completely although it reads only changes. */
  #restGone: SourceRestGone[] = [];
  #notes: string[] = [];
  /** The batches that are being stored, oldest first. */
  #storing: { readonly batch: ReadBatch; readonly stored: Promise<void> }[] = [];
  /** The parts of batches that were passed to the store. */
  #sentParts = 0;
  #sawEverything = true;
  /** Whether the source could not list some entities, so that the job detects no deletions. */
  #isSomeUnlisted = false;
  /**
   * Whether entities that the job did not mention are resolved: they stay, or were deleted. Until then no cursor may be stored.
   */
  #isRestSettled = false;

  constructor(store: RunStore, plan: SyncPlan, clock: Clock) {
    this.#store = store;
    this.#plan = plan;
    this.#clock = clock;
    this.#batch = new ReadBatch(clock.now());
  }

  /** The reasons of the failed entities that the job counts. */
  problems(): readonly CountedProblem[] {
    return this.#problemCounts.counted();
  }

  /** The newest lines that the source added to the log. */
  notes(): readonly string[] {
    return this.#notes;
  }

  /** Prepares to read the source again. Failures after the last stored cursor are encountered again. */
  async beginNextTry(): Promise<void> {
    this.#position = null;
    this.#sawEverything = true;
    this.#isRestSettled = false;
    this.#isSomeUnlisted = false;
    this.#restGone = [];
    this.#failedIds.clear();
    this.#problemCounts = this.#storedPosition?.problemCounts.copy() ?? new ProblemCounts();
    const isRunning = await this.#store.beginNextTry({ jobId: this.#plan.job.id, failed: this.#problemCounts.count });
    if (!isRunning) throw new JobLostError("The job is no longer running.");
  }

  /** Throws the source's error, the signal's reason, or JobLostError. Entities that were already stored stay. */
  async read(source: Source, access: SourceAccess, signal: AbortSignal): Promise<void> {
    const { config } = this.#plan.connection;
    const cursor = await this.#cursor();
    const over = new AbortController();
    const readerSignal = AbortSignal.any([signal, over.signal]);
    const storedHash = async (id: string) => (this.#plan.job.readsEverything ? null : await this.#storedHash(id));
    const { organizationId: owner } = this.#plan.connection;
    const note = (line: string) => this.#note(line, secretsAmong(source, access.credentials));
    const { id: jobId } = this.#plan.job;
    const items = source.entities({ owner, config, ...access, cursor, storedHash, jobId, note, signal: readerSignal });
    this.#batch = new ReadBatch(this.#clock.now());
    try {
      for await (const item of itemsAndPauses(items, this.#clock, readerSignal)) {
        if (item.kind === "pause") checkSilence(item, source.silentMsMax ?? limits.sourceSilentMsMax);
        else this.#take(item);
        if (this.#batch.isFull(this.#clock.now(), batchMsMax)) await this.#handOver();
      }
    } finally {
      over.abort();
      // This also runs after the source failed: its entities until then are stored and counted.
      await this.#storeBatch();
    }
    signal.throwIfAborted();
    if (this.#isSomeUnlisted) return;
    const restGone = this.#sawEverything ? [everything, ...this.#restGone] : this.#restGone;
    for (const each of restGone) await this.#deleteUnseen(each, signal);
    this.#isRestSettled = true;
    await this.#storeBatch();
  }

  #take(item: SourceItem): void {
    switch (item.kind) {
      case "entity":
        this.#takeEntity(item);
        return;
      case "unchanged":
        this.#batch.addUnchanged(item);
        return;
      case "problem":
        this.#fail(item);
        return;
      case "rest_stays":
        this.#sawEverything = false;
        this.#isRestSettled = true;
        return;
      case "rest_gone":
        this.#restGone.push(item);
        this.#isRestSettled = false;
        return;
      case "gone":
        this.#batch.addGone(item.id);
        return;
      case "cursor":
        this.#position = { cursor: fitCursor(item.value), problemCounts: this.#problemCounts.copy() };
        return;
      default:
        assertNever(item);
    }
  }

  #takeEntity(entity: SourceEntity): void {
    const reason = unfitness(entity);
    if (reason !== null) {
      this.#fail({ kind: "problem", id: entity.id, reason, keeps: "nothing" });
    } else {
      this.#batch.add(entity);
    }
  }

  #fail(problem: SourceProblem): void {
    const { id, reason, keeps } = problem;
    if (keeps === "everything") this.#isSomeUnlisted = true;
    if (keeps === "nothing") this.#batch.addGone(id);
    if (this.#failedIds.has(id)) return;
    this.#failedIds.add(id);
    if (this.#failedIds.size > limits.failedEntitiesRememberedMax) forgetOldest(this.#failedIds);
    this.#batch.addFailed(problem);
    this.#problemCounts.add(reason, id);
  }

  /** A job that reads everything continues only from cursors of its own. */
  async #cursor(): Promise<string | null> {
    if (this.#plan.job.readsEverything) return this.#storedPosition?.cursor ?? null;
    return await this.#store.readSyncCursor({ sourceConnectionId: this.#plan.connection.id });
  }

  async #storedHash(id: string): Promise<string | null> {
    const sourceConnectionId = this.#plan.connection.id;
    const [stored] = await this.#store.readEntityHashes({ sourceConnectionId, entityIds: [id] });
    return stored?.hash ?? null;
  }

  /**
   * Stores the batch while the next one is read. The store writes it while the disk syncs the one before. An error is thrown when
   * a later batch is passed.
   */
  async #handOver(): Promise<void> {
    const prepared = await this.#prepareBatch();
    if (this.#storing.length === batchesStoringMax) {
      await this.#storing[0]?.stored;
      this.#storing.shift();
    }
    this.#send(prepared);
  }

  /** Stores the batch, and waits for the batches before it. */
  async #storeBatch(): Promise<void> {
    await this.#stored();
    this.#send(await this.#prepareBatch());
    await this.#stored();
  }

  async #stored(): Promise<void> {
    // After an error, the batches remain, so that the first one throws it again.
    for (const { stored } of this.#storing) await stored;
    this.#storing = [];
  }

  /** Takes the batch and begins the next one. The batches before it may be stored meanwhile. */
  async #prepareBatch(): Promise<PreparedBatch> {
    const [batch, position] = [this.#batch, this.#takePosition()];
    if (batch.isEmpty && position === null) return { batch, parts: [], position };
    this.#batch = new ReadBatch(this.#clock.now());
    const before = this.#storing.map((storing) => storing.batch);
    const stored = await this.#store.readEntityHashes({
      sourceConnectionId: this.#plan.connection.id,
      entityIds: batch.idsStored(),
    });
    return { batch, parts: await batch.parts(stored, before), position };
  }

  #send({ batch, parts, position }: PreparedBatch): void {
    const { job, connection } = this.#plan;
    const cursor: ReadCursor | null = position && { value: position.cursor, config: connection.config };
    const now = this.#clock.now();
    const storing = parts.map(async (part, index) => {
      const isLast = index === parts.length - 1;
      const batchesBefore = this.#sentParts++;
      // The cursor covers all parts, so that it commits with the last one.
      const stored = { jobId: job.id, ...part, cursor: isLast ? cursor : null, batchesBefore, now };
      const counts = await this.#store.storeEntities(stored);
      if (isLast) this.#storedPosition = position ?? this.#storedPosition;
      this.#checkCounts(counts);
    });
    const stored = Promise.all(storing).then(() => {});
    stored.catch(() => {});
    this.#storing.push({ batch, stored });
  }

  #takePosition(): CursorPosition | null {
    const position = this.#position;
    if (!this.#isRestSettled) return null;
    this.#position = null;
    return position;
  }

  #checkCounts(counts: SyncCounts | null): void {
    if (counts === null) throw new JobLostError("The job is no longer running.");
    if (this.#plan.connection.entityCount + counts.inserted - counts.deleted > limits.entitiesPerConnectionMax) {
      throw new SourceError(
        `The source has more than ${limits.entitiesPerConnectionMax} entities. Narrow its settings.`,
      );
    }
  }

  #note(line: string, secrets: unknown): void {
    this.#notes = [...this.#notes, withoutSecrets(line, secrets)].slice(-limits.syncJobNotesMax);
  }

  async #deleteUnseen({ idPrefix, seenBy }: Omit<SourceRestGone, "kind">, signal: AbortSignal): Promise<void> {
    const part = {
      idPrefix,
      seenBy: seenBy as readonly SyncJobId[],
      limit: examinedPerStep,
      deletedMax: deletedPerStep,
    };
    let after: string | null = null;
    do {
      const step = await this.#store.deleteUnseenEntities({ jobId: this.#plan.job.id, ...part, after });
      if (step === null) throw new JobLostError("The job is no longer running.");
      after = step.next;
      signal.throwIfAborted();
    } while (after !== null);
  }
}

function checkSilence({ silentMs }: Pause, silentMsMax: number): void {
  if (silentMs < silentMsMax) return;
  throw new SourceError(`The source has yielded nothing for ${silentMsMax / 60_000} minutes.`);
}

function forgetOldest(ids: Set<string>): void {
  for (const id of ids) {
    ids.delete(id);
    return;
  }
}

function fitCursor(value: string): string {
  if (Buffer.byteLength(value) <= limits.sourceCursorBytesMax) return value;
  throw new Error(`The source's cursor has more than ${limits.sourceCursorBytesMax} bytes.`);
}
