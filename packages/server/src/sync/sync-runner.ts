import { type Clock, loop } from "../domain/clock.ts";
import type { NewId, NodeId, SyncJobId } from "../domain/id.ts";
import { fullSlots, type JobInSlot } from "../domain/job-slots.ts";
import { limits } from "../domain/limits.ts";
import type { SourceConnection } from "../domain/source-connection.ts";
import type { SourceRetryPolicy } from "../domain/source-retry.ts";
import { type ErrorCategory, type SyncOutcome, startJob } from "../domain/sync-job.ts";
import type { Intake } from "../intake/intake.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Credentials } from "../store/source-connections/interface.ts";
import type { Store } from "../store/store.ts";
import type { PendingJobFound, SyncPlan } from "../store/sync-jobs/interface.ts";
import { makeDueJobs } from "./due-schedules.ts";
import { type EndingParts, endAbandonedSyncJob, endSyncJob } from "./end-job.ts";
import { announcementOf, syncEvent } from "./events.ts";
import { failureReason } from "./failure-reason.ts";
import { JobLostError, JobRun, type SourceAccess } from "./job-run.ts";
import { AccessTokens } from "./oauth/access-tokens.ts";
import type { TokenRequests } from "./oauth/provider.ts";
import { orAborted } from "./or-aborted.ts";
import { readInTries } from "./read-in-tries.ts";
import { secretsAmong } from "./secret-credentials.ts";
import { CredentialsRefusedError, type Source, SourceError } from "./source.ts";
import type { SourceList } from "./source-list.ts";
import { Watches } from "./watches.ts";

export interface RunnerParts {
  /** The node of the jobs: when it is dead, so are they. */
  readonly nodeId: NodeId;
  readonly store: Store;
  readonly sources: SourceList;
  readonly requests: Pick<TokenRequests, "refresh" | "revoke">;
  readonly intake: Pick<Intake, "announcement">;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly newId: NewId;
  /** When a temporarily unavailable source is read again. */
  readonly retry: SourceRetryPolicy;
}

interface RunningJob extends JobInSlot {
  /** Aborted to end the job early; the reason is its outcome. */
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

interface OpenedAccess extends SourceAccess {
  readonly credentials: Credentials;
  /** Null for direct authentication. */
  readonly tokens: AccessTokens | null;
}

const retryMs = 1_000;
const stopped: SyncOutcome = { kind: "failed", reason: "Weft was stopped before the job ended. Run the sync again." };
const tooLong: SyncOutcome = {
  kind: "failed",
  reason: `The job ran longer than ${limits.syncJobMsMax / 3_600_000} hours and was stopped.`,
};

/**
 * Runs sync jobs, a limited number at a time. Pending jobs are in the store, so that none is lost: their creator calls `wake`,
 * and the runner also checks periodically.
 */
export class SyncRunner {
  readonly #parts: RunnerParts;
  readonly #ending: EndingParts;
  readonly #watches: Watches;
  readonly #inSlots = new Map<SyncJobId, RunningJob>();
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#watches = new Watches(parts, () => this.wake());
    this.#ending = { store: parts.store, intake: parts.intake, now: () => parts.clock.now() };
  }

  get sources(): SourceList {
    return this.#parts.sources;
  }

  get requests(): RunnerParts["requests"] {
    return this.#parts.requests;
  }

  /** Starts to run jobs, and to end those of dead nodes. */
  start(): void {
    this.#running = loop(this.#restUntilWoken(), this.#stop.signal, () => this.#turn());
  }

  /** Starts no further jobs, ends the running ones as failed, with their events, and waits for that. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.wake();
    await this.#running;
    await this.#watches.stop();
    const inSlots = [...this.#inSlots.values()];
    for (const job of inSlots) job.stop.abort(stopped);
    await Promise.all(inSlots.map((job) => job.ended));
  }

  /** Checks now for pending jobs, and for deleted data to remove. */
  wake(): void {
    this.#wake.abort();
  }

  /**
   * Stops a cancelling job, and waits until it has ended with its event, for a limited time, because a source may hang. A job
   * that runs elsewhere, or does not stop, is ended from here. Does nothing for a job that has ended.
   */
  async endCancelled(jobId: SyncJobId): Promise<void> {
    const job = this.#inSlots.get(jobId);
    this.cancel(jobId);
    const isEnded = new AbortController();
    const ended = job?.ended.then(() => isEnded.abort());
    if (ended !== undefined) await Promise.race([ended, this.#parts.clock.sleep(limits.syncJobStopMs, isEnded.signal)]);
    await endSyncJob(this.#ending, jobId, { kind: "cancelled" });
  }

  /** Cancels a running job. It ends between two entities. */
  cancel(jobId: SyncJobId): void {
    const cancelled: SyncOutcome = { kind: "cancelled" };
    this.#inSlots.get(jobId)?.stop.abort(cancelled);
  }

  async #turn(): Promise<number> {
    // It is replaced before the check, so that a wake-up during the turn ends the wait after it.
    this.#wake = new AbortController();
    try {
      await this.#endAbandoned();
      await this.#watches.tend();
      await makeDueJobs(this.#parts);
      await this.#startPending();
      const hasMoreToPurge = await this.#parts.store.purgeDeleted({ limit: limits.deletedChunksPerStepMax });
      return hasMoreToPurge ? 0 : limits.syncJobsLookMs;
    } catch (error) {
      this.#parts.reporter.internalOperationFailed({ operation: "run sync jobs", error });
      return limits.syncJobsLookMs;
    }
  }

  /** Ends a job of a dead node, with its one final event. */
  async #endAbandoned(): Promise<void> {
    const { store, clock } = this.#parts;
    const abandoned = await store.findAbandonedJobs({ now: clock.now(), limit: limits.pageMax });
    for (const jobId of abandoned) if (!this.#inSlots.has(jobId)) await this.#endAbandonedJob(jobId);
  }

  async #startPending(): Promise<void> {
    while (this.#inSlots.size < limits.syncJobsPerNodeMax) {
      const next = await this.#findPending();
      if (next === null) return;
      this.#hold(next);
    }
  }

  /** One at a time, because the jobs that run by then determine whose turn it is. */
  async #findPending(): Promise<PendingJobFound | null> {
    const { store, sources } = this.#parts;
    const full = fullSlots([...this.#inSlots.values()], (name) => {
      return sources.find(name)?.jobsAtOnceMax ?? limits.syncJobsPerNodeMax;
    });
    const [next] = await store.findPendingJobs({ inSlots: [...this.#inSlots.keys()], full, limit: 1 });
    return next ?? null;
  }

  #hold({ id, organizationId, source }: PendingJobFound): void {
    const stop = new AbortController();
    const ended = this.#runJob(id, stop)
      .catch((error: unknown) => this.#couldNotStart(error))
      .finally(() => {
        this.#inSlots.delete(id);
        this.wake();
      });
    this.#inSlots.set(id, { organizationId, source, stop, ended });
  }

  /** The job is still pending, and is tried again after a wait. */
  async #couldNotStart(error: unknown): Promise<void> {
    this.#parts.reporter.internalOperationFailed({ operation: "start a sync job", error });
    await this.#parts.clock.sleep(retryMs, this.#stop.signal);
  }

  async #runJob(jobId: SyncJobId, stop: AbortController): Promise<void> {
    const { nodeId, store, intake, clock } = this.#parts;
    const plan = await store.readSyncPlan({ jobId });
    if (plan === null || plan.job.state !== "pending") return;
    const startedAt = clock.now();
    const announce = [
      announcementOf(intake, plan.job.organizationId, syncEvent(plan, startJob(plan.job, startedAt), startedAt)),
    ];
    if (!(await store.startSyncJob({ jobId, nodeId, now: startedAt, announce }))) return;
    const run = new JobRun(store, plan, clock);
    const outcome = await this.#outcomeOf(run, plan, stop);
    await this.#end(jobId, outcome, run);
  }

  async #outcomeOf(run: JobRun, plan: SyncPlan, stop: AbortController): Promise<SyncOutcome> {
    const { clock, sources } = this.#parts;
    const isOver = new AbortController();
    void clock.sleep(limits.syncJobMsMax, isOver.signal).then(() => stop.abort(tooLong));
    let access: OpenedAccess | null = null;
    const source = sources.find(plan.connection.source);
    try {
      if (source === null) throw new SourceError(`The source ${plan.connection.source} is not available here.`);
      access = await this.#accessTo(source, plan, stop.signal);
      // This precedes any reading, so that invalid settings are reported at once.
      if (access.tokens !== null) await orAborted(access.tokens.get(), stop.signal);
      await readInTries(this.#parts, run, { source, access, signal: stop.signal });
      return { kind: "done" };
    } catch (error) {
      if (stop.signal.aborted) return stop.signal.reason as SyncOutcome;
      if (error instanceof JobLostError) return { kind: "cancelled" };
      return {
        kind: "failed",
        reason: failureReason(error, source && access && secretsOf(source, access)),
        ...(error instanceof CredentialsRefusedError && { category: error.category ?? refusalOf(plan.connection) }),
      };
    } finally {
      isOver.abort();
      await access?.tokens?.settled();
    }
  }

  async #accessTo(source: Source, plan: SyncPlan, signal: AbortSignal): Promise<OpenedAccess> {
    const { store } = this.#parts;
    if (plan.connection.authMethod !== "direct") {
      const tokens = new AccessTokens(this.#parts, plan, source, signal);
      return { credentials: {}, accessToken: (refused) => tokens.get(refused), tokens };
    }
    const credentials = await store.readCredentials({ sourceConnectionId: plan.connection.id });
    if (credentials === null) throw new SourceError("The source connection has no credentials.");
    return { credentials, tokens: null };
  }

  async #endAbandonedJob(jobId: SyncJobId): Promise<void> {
    const job = await endAbandonedSyncJob(this.#ending, jobId);
    if (job !== null) this.#parts.reporter.syncJobFinished({ job, problems: [], notes: [] });
  }

  /** Ends the job, however long the database is unavailable. If this process dies first, another one ends it. */
  async #end(jobId: SyncJobId, outcome: SyncOutcome, run: JobRun): Promise<void> {
    const { clock, reporter } = this.#parts;
    while (true) {
      try {
        const job = await endSyncJob(this.#ending, jobId, outcome);
        if (job === null) return;
        reporter.syncJobFinished({ job, problems: run.problems(), notes: run.notes() });
        return;
      } catch (error) {
        reporter.internalOperationFailed({ operation: "end a sync job", error });
        if (this.#stop.signal.aborted) return;
        await clock.sleep(retryMs, this.#stop.signal);
      }
    }
  }

  // A wake-up ends the loop's wait, and so does the stop.
  #restUntilWoken(): Clock {
    const { clock } = this.#parts;
    return {
      now: () => clock.now(),
      sleep: (ms, signal) => clock.sleep(ms, AbortSignal.any([signal, this.#wake.signal])),
    };
  }
}

function refusalOf({ authMethod }: Pick<SourceConnection, "authMethod">): ErrorCategory {
  return authMethod === "direct" ? "api_key_invalid" : "oauth_credentials_expired";
}

/** The texts that no error may contain: the credentials of a connection, or the tokens that it used. */
function secretsOf(source: Source, { credentials, tokens }: OpenedAccess): unknown {
  return [secretsAmong(source, credentials), tokens?.secrets ?? []];
}
