import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { StatusClass } from "../../domain/status-class.ts";

/** Counts of attempts by time, which `recordAttempts` updates in its commit. Times are when attempts began. */
export interface AttemptCountStore {
  /**
   * Returns how many attempts began in each step of [since, until), by class of status and latency; steps without attempts are
   * left out. `since`, `until` and `stepMs` are whole minutes, and whole hours where minutes have been rolled up. Steps
   * begin at multiples of their length.
   */
  readAttemptCounts(params: ReadAttemptCounts): Promise<AttemptCount[]>;
  /**
   * Adds the oldest minutes before a time, which is a whole hour, up into hours: at most `limit` rows. Returns how many
   * rows were rolled up.
   */
  rollUpAttemptCounts(params: { before: number; limit: number }): Promise<number>;
  /** Deletes at most `limit` counts from before a time. Returns how many were deleted. */
  deleteAttemptCountsBefore(params: { before: number; limit: number }): Promise<number>;
}

export interface ReadAttemptCounts {
  readonly organizationId: OrganizationId;
  /** Null for all subscriptions of the organization. */
  readonly subscriptionId: SubscriptionId | null;
  readonly since: number;
  readonly until: number;
  readonly stepMs: number;
}

export interface AttemptCount {
  /** When the step begins (ms). */
  readonly startsAt: number;
  readonly statusClass: StatusClass;
  /** A latency class of `domain/latency.ts`. */
  readonly latency: number;
  readonly attempts: number;
}
