import type { NodeId, SyncId, SyncJobId } from "../../domain/id.ts";
import type { FullSlots, JobInSlot } from "../../domain/job-slots.ts";
import type { Message } from "../../domain/message.ts";
import type { SourceConnection } from "../../domain/source-connection.ts";
import type { FinishedJob, PendingJob, SyncJob, SyncJobState, UnfinishedState } from "../../domain/sync-job.ts";
import type { PageOf } from "../page.ts";
import type { SourceConnectionKey } from "../source-connections/interface.ts";

/**
 * Sync jobs. A command that changes a state takes the messages that announce the change, and stores them only if the change
 * took place. The messages about one job are sent in order: for each subscription, the first attempt of a message starts
 * after the first attempt of the message before it.
 */
export interface SyncJobStore {
  /** Stores a pending job. A connection has at most one unfinished job: `under_way` gives the state of that one. */
  createSyncJob(params: { job: PendingJob; announce: readonly Message[] }): Promise<CreateJobResult>;
  /**
   * Moves the schedule of a connection to its next time and stores the job that was due. If another job is unfinished,
   * that one takes its place. Returns false and announces nothing in that case, and if the schedule was no longer due
   * at `dueAt`, because another node took it or someone changed or paused it.
   */
  createScheduledJob(params: {
    job: PendingJob;
    announce: readonly Message[];
    dueAt: number;
    nextRunAt: number | null;
  }): Promise<boolean>;
  /** Returns a job of a connection, or null. */
  readSyncJob(params: SourceConnectionKey & { jobId: SyncJobId }): Promise<SyncJob | null>;
  /** Lists the jobs of a connection, newest first. */
  listSyncJobs(params: SourceConnectionKey & PageOf<SyncJobId>): Promise<SyncJob[]>;
  /** Returns unfinished jobs of every tenant, oldest first, at most `limit`. */
  findUnfinishedJobs(params: { states: readonly UnfinishedState[]; limit: number }): Promise<SyncJob[]>;
  /** Returns jobs of every tenant that are running or cancelling on an expired node, oldest first. */
  findAbandonedJobs(params: { now: number; limit: number }): Promise<SyncJobId[]>;
  /**
   * Returns pending jobs in the order in which they should run: organizations take turns, those with the fewest
   * unfinished jobs first, and the jobs of each run oldest first. `inSlots` are jobs that move from pending to running
   * and count as running. Jobs of organizations and sources that are `full` are left out.
   */
  findPendingJobs(params: {
    inSlots: readonly SyncJobId[];
    full: FullSlots;
    limit: number;
  }): Promise<PendingJobFound[]>;
  /** Returns a job with its connection, of any tenant; null if either is gone. */
  readSyncPlan(params: { jobId: SyncJobId }): Promise<SyncPlan | null>;
  /** Moves a pending job to running on a node. False if it is no longer pending. */
  startSyncJob(params: {
    jobId: SyncJobId;
    nodeId: NodeId;
    now: number;
    announce: readonly Message[];
  }): Promise<boolean>;
  /**
   * Records that a running job reads its source again: everything seen so far was seen by an earlier try. `failed` is
   * how many entities stay counted as failed, because the new try does not reach them. False if the job is not running
   * any more.
   */
  beginNextTry(params: { jobId: SyncJobId; failed: number }): Promise<boolean>;
  /** Moves a running job to cancelling. A cancelling one stays so, and nothing is announced. False if it is neither. */
  cancelRunningJob(params: { jobId: SyncJobId; announce: readonly Message[] }): Promise<boolean>;
  /**
   * Ends a job that is in the state `from`. Returns false and stores nothing if it is not. The counts are those that
   * the entities of the job have, so callers build the announcement from counts that they have read. A job that failed
   * with a category leaves its connection without accepted credentials, unless it got new ones since the job started.
   */
  endSyncJob(params: { from: UnfinishedState; job: FinishedJob; announce: readonly Message[] }): Promise<boolean>;
}

export interface PendingJobFound extends JobInSlot {
  readonly id: SyncJobId;
}

export type CreateJobResult =
  | { readonly kind: "created" }
  | { readonly kind: "under_way"; readonly state: SyncJobState }
  | { readonly kind: "not_found" };

export interface SyncPlan {
  readonly job: SyncJob;
  readonly syncId: SyncId;
  readonly connection: SourceConnection;
  readonly collectionName: string;
}
