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
  /** Removes what deleted connections and collections left, at most `limit` chunks. Answers whether more is left. */
  purgeDeleted(params: { limit: number }): Promise<boolean>;
}

export interface CollectionKey {
  readonly organizationId: OrganizationId;
  readonly readableId: string;
}

export interface ListCollections extends PageOf<CollectionId> {
  readonly organizationId: OrganizationId;
  readonly search: string | null;
  /** How many to leave out before the first. */
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
