import type { CollectionId, OrganizationId, SourceConnectionId, SyncId } from "./id.ts";
import { isUnfinished, type SyncJobState } from "./sync-job.ts";

/** How a source connection gets its credentials. */
export const authenticationMethods = ["direct", "oauth_token", "oauth_browser"] as const;
export type AuthenticationMethod = (typeof authenticationMethods)[number];

/** When a connection is synced by itself: at times, or whenever something changed. */
export type Schedule = CronSchedule | { readonly continuous: true };

export interface CronSchedule {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string;
  /** An IANA name such as `Europe/Berlin`. */
  readonly timeZone: string;
}

/** A source with its settings and credentials, feeding one collection. Credentials never leave the store but to run. */
export interface SourceConnection {
  readonly id: SourceConnectionId;
  readonly organizationId: OrganizationId;
  readonly collectionId: CollectionId;
  readonly readableCollectionId: string;
  readonly name: string;
  readonly description: string | null;
  /** The source's short name. */
  readonly source: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly authMethod: AuthenticationMethod;
  /** Null until it holds credentials. */
  readonly authenticatedAt: number | null;
  /** When its access token ends; null without one, and when nobody knows. */
  readonly tokensExpireAt: number | null;
  /** Set when its provider takes its tokens no more: nothing runs until it is authenticated again. */
  readonly needsReauthAt: number | null;
  /** What is repeated by each job; null until it can run. */
  readonly syncId: SyncId | null;
  readonly schedule: Schedule | null;
  /** When its schedule is due next; null without one, and while nothing has changed that a continuous one waits for. */
  readonly nextRunAt: number | null;
  /** While it is set nothing runs by itself; jobs may still be begun by hand. */
  readonly pausedAt: number | null;
  /** Entities stored now. */
  readonly entityCount: number;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export const sourceConnectionStatuses = [
  "pending_auth",
  "active",
  "syncing",
  "error",
  "needs_reauth",
  "inactive",
] as const;
export type SourceConnectionStatus = (typeof sourceConnectionStatuses)[number];

/** Where a connection stands, read from its credentials and its last job. */
export function sourceConnectionStatus(
  connection: Pick<SourceConnection, "authenticatedAt" | "needsReauthAt" | "pausedAt">,
  lastJob: SyncJobState | null,
): SourceConnectionStatus {
  if (connection.authenticatedAt === null) return "pending_auth";
  if (isUnfinished(lastJob)) return "syncing";
  if (connection.needsReauthAt !== null) return "needs_reauth";
  if (connection.pausedAt !== null) return "inactive";
  return lastJob === "failed" ? "error" : "active";
}
