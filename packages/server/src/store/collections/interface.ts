import type { Collection } from "../../domain/collection.ts";
import type { CollectionId, OrganizationId, SourceConnectionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { SyncJobState } from "../../domain/sync-job.ts";
import type { PageOf } from "../page.ts";

/**
 * Collections. A command that changes a state takes the messages that announce the change, and stores them only if the
 * change took place.
 */
export interface CollectionStore {
  /** Stores a collection. `taken`: another one has its readable id. */
  createCollection(params: { collection: Collection; announce: readonly Message[] }): Promise<"created" | "taken">;
  /** Returns a collection with its connections, or null. */
  readCollection(params: CollectionKey): Promise<CollectionView | null>;
  /** Lists collections, newest first. `search` matches names and readable ids, case-insensitively for ASCII letters. */
  listCollections(params: ListCollections): Promise<CollectionView[]>;
  /** Counts the collections that `listCollections` would list. */
  countCollections(params: { organizationId: OrganizationId; search: string | null }): Promise<number>;
  /** Changes a collection if it is still as it was read. False if it is not. */
  updateCollection(params: { before: Collection; after: Collection; announce: readonly Message[] }): Promise<boolean>;
  /**
   * Deletes a collection with its connections. No query finds any of it after the commit; `purgeDeleted` removes its
   * entities in steps. `changed`: its connections are not exactly `connectionIds`. `job_under_way`: a sync job must end
   * first.
   */
  deleteCollection(params: {
    organizationId: OrganizationId;
    collectionId: CollectionId;
    connectionIds: readonly SourceConnectionId[];
    now: number;
    announce: readonly Message[];
  }): Promise<"deleted" | "changed" | "job_under_way" | "not_found">;
  /** Removes the rows of deleted connections and collections, at most `limit` chunks. Returns whether more are left. */
  purgeDeleted(params: { limit: number }): Promise<boolean>;
}

export interface CollectionKey {
  readonly organizationId: OrganizationId;
  readonly readableId: string;
}

export interface ListCollections extends PageOf<CollectionId> {
  readonly organizationId: OrganizationId;
  readonly search: string | null;
  /** How many collections to skip before the first of the page. */
  readonly skip: number;
}

/** A collection with the facts that determine its state; oldest connection first. */
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
