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
  /** The credentials that a job runs with, of any tenant. Throws when they cannot be decrypted. */
  readCredentials(params: { sourceConnectionId: SourceConnectionId }): Promise<Credentials | null>;
  /** The cursor that was stored last, of any tenant; null when there is none, or the settings have changed since. */
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
  readonly skip: number;
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
