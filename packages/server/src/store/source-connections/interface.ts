import type { Authorization } from "../../domain/authorization.ts";
import type { OrganizationId, SourceConnectionId, SyncId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { SourceConnection } from "../../domain/source-connection.ts";
import type { PendingJob, SyncJob } from "../../domain/sync-job.ts";
import type { PageOf } from "../page.ts";

/**
 * Source connections. A command that changes a state takes the messages that announce the change, and stores them only if
 * the change took place.
 */
export interface SourceConnectionStore {
  /**
   * Stores a connection with its first job or the authorization that it waits for. Credentials are encrypted. `full`:
   * the organization already has `connectionsMax`.
   */
  createSourceConnection(params: {
    connection: SourceConnection;
    credentials: Credentials | null;
    job: PendingJob | null;
    authorization?: Authorization | null;
    announce: readonly Message[];
    connectionsMax: number;
  }): Promise<"created" | "collection_not_found" | "collection_full" | "full">;
  /** Returns a connection with its jobs, entities and pending authorization, or null. */
  readSourceConnection(params: SourceConnectionKey): Promise<SourceConnectionView | null>;
  /** Lists connections, newest first. */
  listSourceConnections(params: ListSourceConnections): Promise<SourceConnectionListed[]>;
  /** Changes the given fields. False if there is no such connection. */
  updateSourceConnection(
    params: SourceConnectionKey & { changes: SourceConnectionChanges; now: number; announce?: readonly Message[] },
  ): Promise<boolean>;
  /** Deletes a connection as `deleteCollection` does. */
  deleteSourceConnection(
    params: SourceConnectionKey & { now: number; announce: readonly Message[] },
  ): Promise<"deleted" | "job_under_way" | "not_found">;

  /**
   * Returns connections of every tenant that can run and whose schedule is due and not paused, the most overdue first.
   */
  findDueConnections(params: { now: number; limit: number }): Promise<SourceConnection[]>;
  /** Returns authenticated connections of every tenant with a continuous schedule that is not paused, oldest first. */
  findWatchedConnections(params: { limit: number }): Promise<WatchedConnection[]>;
  /**
   * Makes a continuous schedule due at a time, because its source changed, but not earlier than `apartMs` after the
   * connection's last job was created. False if it is already due, if a job is pending or started after the change, or
   * if there is no such schedule any more.
   */
  noteChange(params: {
    sourceConnectionId: SourceConnectionId;
    changedAt: number;
    dueAt: number;
    apartMs: number;
  }): Promise<boolean>;
  /** Returns the credentials that a job runs with, of any tenant. Throws if they cannot be decrypted. */
  readCredentials(params: { sourceConnectionId: SourceConnectionId }): Promise<Credentials | null>;
  /** Returns the newest stored cursor, of any tenant; null if none is stored or the settings have changed since. */
  readSyncCursor(params: { sourceConnectionId: SourceConnectionId }): Promise<string | null>;
}

export type Credentials = Readonly<Record<string, unknown>>;

export interface SourceConnectionKey {
  readonly organizationId: OrganizationId;
  readonly sourceConnectionId: SourceConnectionId;
}

export interface ListSourceConnections extends PageOf<SourceConnectionId> {
  readonly organizationId: OrganizationId;
  /** The readable id of a collection; null for all. */
  readonly collection: string | null;
  /** How many connections to skip before the first of the page. */
  readonly skip: number;
}

export interface WatchedConnection extends SourceConnection {
  readonly isUnderWay: boolean;
}

export interface SourceConnectionListed extends SourceConnection {
  readonly lastJob: SyncJob | null;
  /** When the newest completed job ended (ms), among the jobs that are kept; null if none completed. */
  readonly lastSuccessAt: number | null;
}

export interface SourceConnectionView extends SourceConnectionListed {
  /** The authorization that waits for a browser to open it, even if it has expired. */
  readonly authorization: Pick<Authorization, "code" | "redirectUrl" | "expiresAt"> | null;
  /** Counts of the jobs that are kept. */
  readonly runs: { readonly total: number; readonly completed: number; readonly failed: number };
  readonly entitiesByType: readonly { readonly type: string; readonly count: number; readonly lastUpdated: number }[];
}

export interface SourceConnectionChanges {
  readonly name?: string;
  readonly description?: string | null;
  readonly metadata?: SourceConnection["metadata"];
  readonly config?: SourceConnection["config"];
  /** New credentials. The connection gets this sync unless it already has one. */
  readonly authentication?: Pick<SourceConnection, "authMethod" | "tokensExpireAt"> & {
    readonly credentials: Credentials;
    readonly syncId: SyncId;
  };
  readonly schedule?: SourceConnection["schedule"];
  readonly nextRunAt?: number | null;
  readonly pausedAt?: number | null;
}
