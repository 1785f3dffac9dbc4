import type { StatusClass } from "./status-class.ts";

/** Attempts with a response of this class that began within a time window; null for any. */
export interface AttemptFilter {
  readonly statusClass: StatusClass | null;
  /** Attempts that began at this time or later (ms). */
  readonly since: number | null;
  /** Attempts that began before this time (ms). */
  readonly until: number | null;
}
