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
  /** Stores a pending job. A connection has one unfinished job at most: `under_way` says in which state it is. */
  createSyncJob(params: { job: PendingJob; announce: readonly Message[] }): Promise<CreateJobResult>;
  /**
   * Takes a connection's schedule on to its next time, and stores the job that was due: unless one is under way, which then
   * stands for it. False, and nothing is announced, in that case, and when the schedule was not due at `dueAt` any more:
   * another node took it, or somebody changed or paused it.
   */
  createScheduledJob(params: {
    job: PendingJob;
    announce: readonly Message[];
    dueAt: number;
    nextRunAt: number | null;
  }): Promise<boolean>;
  readSyncJob(params: SourceConnectionKey & { jobId: SyncJobId }): Promise<SyncJob | null>;
  listSyncJobs(params: SourceConnectionKey & PageOf<SyncJobId>): Promise<SyncJob[]>;
  /** Unfinished jobs of every tenant, oldest first; at most `limit`. */
  findUnfinishedJobs(params: { states: readonly UnfinishedState[]; limit: number }): Promise<SyncJob[]>;
  /** Jobs running or cancelling whose node is dead, of every tenant, oldest first. */
  findAbandonedJobs(params: { now: number; limit: number }): Promise<SyncJobId[]>;
  /**
   * Pending jobs in the order in which they are to run: each organization in its turn, those with the fewest jobs under way
   * first, and of each the oldest first. `held` are on their way from pending to running, and count as under way. Nothing
   * is found of organizations and sources that are `full`.
   */
  findPendingJobs(params: { held: readonly SyncJobId[]; full: FullSlots; limit: number }): Promise<PendingJobFound[]>;
  /** A job with its connection, of any tenant; null when one of them is gone. */
  readSyncPlan(params: { jobId: SyncJobId }): Promise<SyncPlan | null>;
  /** Makes a pending job running on a node. False when it is not pending any more: somebody else runs it, or cancelled it. */
  startSyncJob(params: {
    jobId: SyncJobId;
    nodeId: NodeId;
    now: number;
    announce: readonly Message[];
  }): Promise<boolean>;
  /**
   * Notes that a running job reads its source once more: what was seen of it so far was seen by an earlier try. `failed` is
   * how many entities stay counted as failed, since the new try does not come to them. False when it is not running any more.
   */
  beginNextTry(params: { jobId: SyncJobId; failed: number }): Promise<boolean>;
  /** Makes a running job cancelling; a cancelling one stays so. False when it is neither. No event tells of it. */
  cancelRunningJob(params: { jobId: SyncJobId }): Promise<boolean>;
  /**
   * Ends a job that is in the state `from`. False when it is not: then nothing is stored, and nothing announced. The
   * counts are those that the job's entities left, so the announcement is made from counts that the caller has read.
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
