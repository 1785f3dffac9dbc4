import type { CollectionId, OrganizationId } from "./id.ts";
import { isUnfinished, type SyncJobState } from "./sync-job.ts";

/** A named set of entities, fed by source connections and searched as one. */
export interface Collection {
  readonly id: CollectionId;
  readonly organizationId: OrganizationId;
  /** Its id in words, unique in the organization; it never changes. */
  readonly readableId: string;
  readonly name: string;
  /** Kept for the platform's SDKs, as it was given; Weft does not read it. */
  /** The JSON text of an object, with its numbers as they were given. */
  readonly syncConfig: string | null;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** What a collection's state depends on, for one of its connections. */
export interface FeedState {
  readonly isAuthenticated: boolean;
  readonly lastJob: SyncJobState | null;
  readonly hasCompleted: boolean;
}

export const collectionStatuses = ["ACTIVE", "NEEDS SOURCE", "ERROR"] as const;
export type CollectionStatus = (typeof collectionStatuses)[number];

/** Active when one connection has data or is getting it; in error when the last job of every one failed. */
export function collectionStatus(feeds: readonly FeedState[]): CollectionStatus {
  const usable = feeds.filter((feed) => feed.isAuthenticated && feed.lastJob !== null);
  if (usable.length === 0) return "NEEDS SOURCE";
  if (usable.every((feed) => feed.lastJob === "failed")) return "ERROR";
  const works = usable.some((feed) => feed.hasCompleted || isUnfinished(feed.lastJob));
  return works ? "ACTIVE" : "NEEDS SOURCE";
}

// Normalisation may make a name longer than it was.
const slugLengthMax = 64;

export const readableIdPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * Makes an id in words from a name: its letters and digits in ASCII, and a tail that keeps two of the same name apart.
 * A name without any, such as one in Chinese, becomes `collection`.
 */
export function readableIdFrom(name: string, tail: string): string {
  const slug = name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, slugLengthMax)
    .replaceAll(/^-|-$/g, "");
  return `${slug === "" ? "collection" : slug}-${tail}`;
}
