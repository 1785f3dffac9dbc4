import type { Authorization } from "../../domain/authorization.ts";
import type { Collection } from "../../domain/collection.ts";
import type { CollectionId, NodeId, OrganizationId, SourceConnectionId, SyncId, SyncJobId } from "../../domain/id.ts";
import type { FullSlots, JobInSlot } from "../../domain/job-slots.ts";
import type { Message } from "../../domain/message.ts";
import type { SourceConnection } from "../../domain/source-connection.ts";
import type { FinishedJob, PendingJob, SyncJob, SyncJobState, UnfinishedState } from "../../domain/sync-job.ts";
import type { AuthorizationStore } from "../authorizations/interface.ts";
import type { EntityStore } from "../entities/interface.ts";
import type { PageOf } from "../page.ts";

/**
 * Collections, source connections and sync jobs. A command that changes a state takes the messages that announce it, and
 * stores them only when the change really took place. What announces one job goes out in order: no first attempt starts
 * before the first attempt of what the same subscription was to hear of the job before.
 */
export interface ProducerStore extends EntityStore, AuthorizationStore {
  createCollection(params: { collection: Collection; announce: readonly Message[] }): Promise<"created" | "taken">;
  readCollection(params: CollectionKey): Promise<CollectionView | null>;
  /** `search` is looked for in names and readable ids; capitals of A to Z make no difference. */
  listCollections(params: ListCollections): Promise<CollectionView[]>;
  countCollections(params: { organizationId: OrganizationId; search: string | null }): Promise<number>;
  /** Changes a collection if it still is as it was read. False when it is not. */
  updateCollection(params: { before: Collection; after: Collection; announce: readonly Message[] }): Promise<boolean>;
  /**
   * Deletes a collection with its connections. Nothing of it is found any more from the commit on; the entities go step
   * by step in `purgeDeleted`. `changed`: its live connections are not exactly these. `job_under_way`: end it first.
   */
  deleteCollection(params: {
    organizationId: OrganizationId;
    collectionId: CollectionId;
    connectionIds: readonly SourceConnectionId[];
    now: number;
    announce: readonly Message[];
  }): Promise<"deleted" | "changed" | "job_under_way" | "not_found">;

  /**
   * Stores a connection, with its first job or the authorization that it waits for. Credentials are encrypted. `full`: the
   * organization has `connectionsMax` already.
   */
  createSourceConnection(params: {
    connection: SourceConnection;
    credentials: Credentials | null;
    job: PendingJob | null;
    authorization?: Authorization | null;
    announce: readonly Message[];
    connectionsMax: number;
  }): Promise<"created" | "collection_not_found" | "collection_full" | "full">;
  readSourceConnection(params: SourceConnectionKey): Promise<SourceConnectionView | null>;
  listSourceConnections(params: ListSourceConnections): Promise<SourceConnectionListed[]>;
  /** Changes the fields that are given. False when there is no such connection. */
  updateSourceConnection(
    params: SourceConnectionKey & { changes: SourceConnectionChanges; now: number; announce?: readonly Message[] },
  ): Promise<boolean>;
  /** Deletes a connection as `deleteCollection` does. */
  deleteSourceConnection(
    params: SourceConnectionKey & { now: number; announce: readonly Message[] },
  ): Promise<"deleted" | "job_under_way" | "not_found">;

  /** Stores a pending job. A connection has one unfinished job at most: `under_way` says in which state it is. */
  createSyncJob(params: { job: PendingJob; announce: readonly Message[] }): Promise<CreateJobResult>;
  /** Connections that can run, whose schedule is due and not paused, of every tenant, the most overdue first. */
  findDueConnections(params: { now: number; limit: number }): Promise<SourceConnection[]>;
  /** Authenticated connections with a continuous schedule that is not paused, of every tenant, oldest first. */
  findWatchedConnections(params: { limit: number }): Promise<WatchedConnection[]>;
  /**
   * Makes a continuous schedule due at a time, since something changed: `apartMs` after the connection's last job was made
   * at the earliest. False when it is due already, or a job is to begin or has begun after the change, whichever node noticed
   * it first; and when there is no such schedule any more.
   */
  noteChange(params: {
    sourceConnectionId: SourceConnectionId;
    changedAt: number;
    dueAt: number;
    apartMs: number;
  }): Promise<boolean>;
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
  /** The credentials that a job runs with, of any tenant. Throws when they cannot be decrypted. */
  readCredentials(params: { sourceConnectionId: SourceConnectionId }): Promise<Credentials | null>;
  /** The cursor that was stored last, of any tenant; null when there is none, or the settings have changed since. */
  readSyncCursor(params: { sourceConnectionId: SourceConnectionId }): Promise<string | null>;
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

  /** Removes what deleted connections and collections left, at most `limit` chunks. Answers whether more is left. */
  purgeDeleted(params: { limit: number }): Promise<boolean>;
}

export interface PendingJobFound extends JobInSlot {
  readonly id: SyncJobId;
}

export type Credentials = Readonly<Record<string, unknown>>;

export interface CollectionKey {
  readonly organizationId: OrganizationId;
  readonly readableId: string;
}

export interface SourceConnectionKey {
  readonly organizationId: OrganizationId;
  readonly sourceConnectionId: SourceConnectionId;
}

export interface ListCollections extends PageOf<CollectionId> {
  readonly organizationId: OrganizationId;
  readonly search: string | null;
  /** How many to leave out before the first. */
  readonly skip: number;
}

export interface ListSourceConnections extends PageOf<SourceConnectionId> {
  readonly organizationId: OrganizationId;
  /** The readable id of a collection; null for all. */
  readonly collection: string | null;
  readonly skip: number;
}

/** A collection with what its state is read from, oldest connection first. */
export interface CollectionView extends Collection {
  readonly connections: readonly {
    readonly id: SourceConnectionId;
    readonly source: string;
    readonly name: string;
    readonly isAuthenticated: boolean;
    readonly lastJob: SyncJobState | null;
    readonly hasCompleted: boolean;
  }[];
}

export interface WatchedConnection extends SourceConnection {
  readonly isUnderWay: boolean;
}

export interface SourceConnectionListed extends SourceConnection {
  readonly lastJob: SyncJob | null;
  /** When the newest job that completed ended (ms), of those that are kept; null when none did. */
  readonly lastSuccessAt: number | null;
}

export interface SourceConnectionView extends SourceConnectionListed {
  /** The authorization that waits for a browser to open it, also when its time is over. */
  readonly authorization: Pick<Authorization, "code" | "redirectUrl" | "expiresAt"> | null;
  /** Of the jobs that are kept. */
  readonly runs: { readonly total: number; readonly completed: number; readonly failed: number };
  readonly entitiesByType: readonly { readonly type: string; readonly count: number; readonly lastUpdated: number }[];
}

export interface SourceConnectionChanges {
  readonly name?: string;
  readonly description?: string | null;
  readonly config?: SourceConnection["config"];
  /** What it is authenticated with from now on. It has a sync then: this one, unless it has one. */
  readonly authentication?: Pick<SourceConnection, "authMethod" | "tokensExpireAt"> & {
    readonly credentials: Credentials;
    readonly syncId: SyncId;
  };
  readonly schedule?: SourceConnection["schedule"];
  readonly nextRunAt?: number | null;
  readonly pausedAt?: number | null;
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
