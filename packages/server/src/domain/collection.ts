import type { CollectionId, OrganizationId } from "./id.ts";
import { isUnfinished, type SyncJobState } from "./sync-job.ts";

/** A named set of entities, fed by source connections and searched as one. */
export interface Collection {
  readonly id: CollectionId;
  readonly organizationId: OrganizationId;
  /** A readable id, unique in the organization. It never changes. */
  readonly readableId: string;
  readonly name: string;
  /** Stored unchanged for the platform's SDKs. Weft does not read it. */
  /** The JSON text of an object, with its numbers as they were written. */
  readonly syncConfig: string | null;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** The part of a connection that its collection's state depends on. */
export interface FeedState {
  readonly isAuthenticated: boolean;
  readonly lastJob: SyncJobState | null;
  readonly hasCompleted: boolean;
}

export const collectionStatuses = ["ACTIVE", "NEEDS SOURCE", "ERROR"] as const;
export type CollectionStatus = (typeof collectionStatuses)[number];

/** Active when a connection has data or is syncing; in error when the last job of every connection failed. */
export function collectionStatus(feeds: readonly FeedState[]): CollectionStatus {
  const usable = feeds.filter((feed) => feed.isAuthenticated && feed.lastJob !== null);
  if (usable.length === 0) return "NEEDS SOURCE";
  if (usable.every((feed) => feed.lastJob === "failed")) return "ERROR";
  const works = usable.some((feed) => feed.hasCompleted || isUnfinished(feed.lastJob));
  return works ? "ACTIVE" : "NEEDS SOURCE";
}

// Normalisation can make a name longer.
const slugLengthMax = 64;

export const readableIdPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * Makes a readable id from a name: its ASCII letters and digits, and a suffix that distinguishes equal names. A name without
 * ASCII letters, such as a Chinese one, becomes `collection`.
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
