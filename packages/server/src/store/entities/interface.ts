import type { CollectionId, OrganizationId, SourceConnectionId, SyncId, SyncJobId } from "../../domain/id.ts";
import type { SearchFilter } from "../../domain/search-filter.ts";
import type { SourceConnection } from "../../domain/source-connection.ts";
import type { SyncCounts } from "../../domain/sync-job.ts";

/** Entities that sync jobs read, cut into chunks for search. */
export interface EntityStore {
  /** Returns the hashes of those of the entities that are stored, with the numbers of their chunks. */
  readEntityHashes(params: {
    sourceConnectionId: SourceConnectionId;
    entityIds: readonly string[];
  }): Promise<StoredHash[]>;
  /**
   * Stores a batch that a running job read, in order, and adds it to the counts of the job. It first deletes the
   * entities in `gone` and counts those that were stored. A new entity is inserted; one with another hash is updated
   * and its chunks are replaced; an unchanged one is skipped. An entity that this try of the job already stored is left
   * alone and not counted, unless it replaces the earlier one; one that an earlier try stored is stored again if it differs, and counts once in the job.
   * Returns the counts so far. Returns null and stores nothing if the job is not running any more. Batches of one job are stored
   * in the order of the calls. A batch whose `batchesBefore` is not the number of stored ones throws, because one before it failed.
   */
  storeEntities(params: {
    jobId: SyncJobId;
    entities: readonly EntityRecord[];
    gone: readonly string[];
    /** Entities that exist and could not be read, counted as failed. `keeps`: their stored versions stay. */
    failed: readonly { readonly id: string; readonly keeps: boolean }[];
    /** The cursor from which the next job continues; null leaves it unchanged. */
    cursor: ReadCursor | null;
    /** How many batches of the job must have been stored before. Without it, the batch is stored in any case. */
    batchesBefore?: number;
    now: number;
  }): Promise<SyncCounts | null>;
  /**
   * Deletes entities of the job's connection that neither this try of the job nor one of the jobs `seenBy` has seen, among those
   * whose ids are longer than `idPrefix` and begin with it, and counts them. It examines at most `limit` entities after the id
   * `after` (null: from the first), and deletes at most `deletedMax`, and fewer if they have more than `limits.syncRemovedChunksMax`
   * chunks. `next`: the id to continue after; null when all were examined. Null if the job is not running any more.
   */
  deleteUnseenEntities(params: {
    jobId: SyncJobId;
    seenBy: readonly SyncJobId[];
    idPrefix: string;
    after: string | null;
    limit: number;
    deletedMax: number;
  }): Promise<{ readonly counts: SyncCounts; readonly next: string | null } | null>;
  /**
   * Returns the chunks of a collection that match a query best, best first, in a stable order. Any text is a valid query.
   * Words in the name of an entity and of its breadcrumbs rank higher than words in its text. The search
   * ranks the newest `limits.searchCandidatesMax` chunks that match the query and the filters.
   */
  searchCollection(params: SearchCollection): Promise<SearchHit[]>;
}

/** The filters of a search; null filters nothing. */
export interface SearchFilters {
  /** Short names of sources. */
  readonly sources: readonly string[] | null;
  readonly sourceConnectionIds: readonly SourceConnectionId[] | null;
  /** Types of entities. */
  readonly types: readonly string[] | null;
  /** Entities that were created or changed at this time or later (ms). */
  readonly updatedSince: number | null;
  /** Entities that were created or changed before this time (ms). */
  readonly updatedUntil: number | null;
  /** Chunks that match all conditions of at least one group. */
  readonly filter: SearchFilter | null;
}

/** Filters that match every entity. */
export const anyEntity: SearchFilters = {
  sources: null,
  sourceConnectionIds: null,
  types: null,
  updatedSince: null,
  updatedUntil: null,
  filter: null,
};

export interface SearchCollection extends SearchFilters {
  readonly organizationId: OrganizationId;
  readonly collectionId: CollectionId;
  readonly query: string;
  readonly limit: number;
  readonly offset: number;
}

/** A cursor is valid for the settings that it was read with: it is dropped when the connection has others. */
export interface ReadCursor {
  readonly value: string;
  readonly config: SourceConnection["config"];
}

export interface StoredHash {
  readonly entityId: string;
  readonly hash: string;
  /** The number of its chunks. */
  readonly chunks: number;
}

/** An entity that contains another one, such as the folder of a file. */
export interface Breadcrumb {
  readonly id: string;
  readonly type: string;
  readonly name: string;
}

export interface EntityRecord {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly url: string | null;
  /** When it was created and last changed in the source (ms). Null if the source does not give the time. */
  readonly createdAt: number | null;
  readonly updatedAt: number | null;
  readonly breadcrumbs: readonly Breadcrumb[];
  /** SHA-256 over all fields that the source gives the entity. */
  readonly hash: string;
  /** Its text in order; null if the caller knows that the entity is unchanged. */
  readonly chunks: readonly string[] | null;
  /** Whether it replaces the entity even if this try of the job already stored it. */
  readonly replacesEarlier?: boolean;
}

export interface SearchHit {
  readonly sourceConnectionId: SourceConnectionId;
  readonly source: string;
  readonly entityId: string;
  readonly type: string;
  readonly name: string;
  readonly url: string | null;
  /** The index of the chunk among the chunks of its entity, from 0. */
  readonly position: number;
  readonly text: string;
  readonly syncId: SyncId | null;
  /** The job that stored this version of the entity. */
  readonly syncJobId: SyncJobId;
  /** When the entity was created in the source; if the source does not give the time, when it was first stored (ms). */
  readonly createdAt: number;
  /** When the entity last changed in the source; if the source does not give the time, when it was last stored (ms). */
  readonly updatedAt: number;
  /** The JSON of an array of `Breadcrumb`; null if there are none. */
  readonly breadcrumbs: string | null;
  /** Greater is better. Scores compare only within one result. */
  readonly score: number;
}
