import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";

/** Counts of attempts by time, kept by `recordAttempts` in the same commit. Times are when attempts began. */
export interface AttemptCountStore {
  /**
   * How many attempts began in each step of [since, until), by outcome and latency; steps without any are left out. `since`,
   * `until` and `stepMs` are whole minutes, and whole hours where minutes have been folded; steps begin at multiples of
   * their length.
   */
  readAttemptCounts(params: ReadAttemptCounts): Promise<AttemptCount[]>;
  /** Makes hours of the oldest minutes before a time, which is a whole hour: at most `limit` rows. Answers how many. */
  rollUpAttemptCounts(params: { before: number; limit: number }): Promise<number>;
  /** Forgets at most `limit` counts of before a time. Answers how many. */
  deleteAttemptCountsBefore(params: { before: number; limit: number }): Promise<number>;
}

export interface ReadAttemptCounts {
  readonly organizationId: OrganizationId;
  /** Null for all of the organization's. */
  readonly subscriptionId: SubscriptionId | null;
  readonly since: number;
  readonly until: number;
  readonly stepMs: number;
}

export interface AttemptCount {
  /** When the step begins (ms). */
  readonly startsAt: number;
  readonly succeeded: boolean;
  /** A stretch of `domain/latency.ts`. */
  readonly latency: number;
  readonly attempts: number;
}
