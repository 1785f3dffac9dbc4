import type { CollectionId, OrganizationId, SourceConnectionId, SyncJobId } from "../../domain/id.ts";
import type { SourceConnection } from "../../domain/source-connection.ts";
import type { SyncCounts } from "../../domain/sync-job.ts";

/** What sync jobs bring: entities, cut into chunks that are searched. */
export interface EntityStore {
  /** The hashes of the entities that are stored, of those that are asked for. */
  readEntityHashes(params: {
    sourceConnectionId: SourceConnectionId;
    entityIds: readonly string[];
  }): Promise<StoredHash[]>;
  /**
   * Stores a batch of what a running job read, in order, and adds up the job's counts. First what is gone is deleted, and
   * counted if it was stored. An entity that is new is inserted; one whose hash differs is updated, with its chunks
   * replaced; an unchanged one is skipped; one that this try of the job has stored before is left as it is and not counted.
   * One that an earlier try has stored is stored again if it differs, and counts once in the job. Answers the counts so far;
   * null when the job is not running any more: then nothing is stored.
   */
  storeEntities(params: {
    jobId: SyncJobId;
    entities: readonly EntityRecord[];
    gone: readonly string[];
    /** What is there and could not be taken in: counted as failed. `keeps`: what is stored of it stays. */
    failed: readonly { readonly id: string; readonly keeps: boolean }[];
    /** From where the next job goes on; null leaves that as it is. */
    cursor: ReadCursor | null;
    now: number;
  }): Promise<SyncCounts | null>;
  /**
   * Deletes entities of the job's connection that this try of the job has not seen, at most `limit`, and counts them. `left` says
   * whether there are more. Null when the job is not running any more.
   */
  deleteUnseenEntities(params: {
    jobId: SyncJobId;
    limit: number;
  }): Promise<{ readonly counts: SyncCounts; readonly left: boolean } | null>;
  /** The best chunks for a query in any words, best first. Any text is a valid query. */
  searchCollection(params: SearchCollection): Promise<SearchHit[]>;
}

/** What a search leaves out; null for nothing. */
export interface SearchFilters {
  /** Short names of sources. */
  readonly sources: readonly string[] | null;
  readonly sourceConnectionId: SourceConnectionId | null;
  /** Entities that were new or changed at this time or later (ms) … */
  readonly updatedSince: number | null;
  /** … and before this one. */
  readonly updatedUntil: number | null;
}

/** Filters that leave nothing out. */
export const anyEntity: SearchFilters = {
  sources: null,
  sourceConnectionId: null,
  updatedSince: null,
  updatedUntil: null,
};

export interface SearchCollection extends SearchFilters {
  readonly organizationId: OrganizationId;
  readonly collectionId: CollectionId;
  readonly query: string;
  readonly limit: number;
  readonly offset: number;
}

/** A cursor holds for the settings that it was read with: once the connection has others, it is not kept. */
export interface ReadCursor {
  readonly value: string;
  readonly config: SourceConnection["config"];
}

export interface StoredHash {
  readonly entityId: string;
  readonly hash: string;
}

export interface EntityRecord {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly url: string | null;
  /** SHA-256 over all that the source says of it. */
  readonly hash: string;
  /** Its text in order; null when the caller knows the entity to be unchanged. */
  readonly chunks: readonly string[] | null;
}

export interface SearchHit {
  readonly sourceConnectionId: SourceConnectionId;
  readonly source: string;
  readonly entityId: string;
  readonly type: string;
  readonly name: string;
  readonly url: string | null;
  /** Which of the entity's chunks it is, from 0. */
  readonly position: number;
  readonly text: string;
  /** When the entity was new or changed last (ms). */
  readonly updatedAt: number;
  /** Greater is better; only comparable within one answer. */
  readonly score: number;
}
