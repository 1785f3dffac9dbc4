import type { CollectionId, OrganizationId, SourceConnectionId, SyncId } from "./id.ts";
import { isUnfinished, type SyncJobState } from "./sync-job.ts";

/** How a source connection gets its credentials. */
export const authenticationMethods = ["direct", "oauth_token", "oauth_browser"] as const;
export type AuthenticationMethod = (typeof authenticationMethods)[number];

/** When a connection is synced automatically: at set times, or after a change. */
export type Schedule = CronSchedule | { readonly continuous: true };

export interface CronSchedule {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string;
  /** An IANA name such as `Europe/Berlin`. */
  readonly timeZone: string;
}

/** A source with its settings and credentials, which fills one collection. Credentials leave the store only to run a sync. */
export interface SourceConnection {
  readonly id: SourceConnectionId;
  readonly organizationId: OrganizationId;
  readonly collectionId: CollectionId;
  readonly readableCollectionId: string;
  readonly name: string;
  readonly description: string | null;
  /** Data that the owner stores with it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The source's short name. */
  readonly source: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly authMethod: AuthenticationMethod;
  /** Null until it has credentials. */
  readonly authenticatedAt: number | null;
  /** When its access token expires; null without a token, and when the expiry is unknown. */
  readonly tokensExpireAt: number | null;
  /** Set when its provider rejects its tokens. No sync runs until the connection is authenticated again. */
  readonly needsReauthAt: number | null;
  /** The sync that each job runs; null until it can run. */
  readonly syncId: SyncId | null;
  readonly schedule: Schedule | null;
  /** When its schedule is due next; null without a schedule, and while its continuous sync has no change to process. */
  readonly nextRunAt: number | null;
  /** While it is set, no sync starts automatically. Users can still start jobs. */
  readonly pausedAt: number | null;
  /** The entities that are stored at present. */
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

/** The status of a connection, derived from its credentials and its last job. */
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
