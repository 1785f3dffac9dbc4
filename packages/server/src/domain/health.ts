import { limits } from "./limits.ts";

export const healthStatuses = ["healthy", "degraded", "failing", "unknown"] as const;
export type HealthStatus = (typeof healthStatuses)[number];

/**
 * The results of a subscription's last attempts. They are stored with the subscription, so that a list needs no query for each.
 */
export interface Health {
  /** Newest first, at most ten: `1` for a success, `0` for a failure. */
  readonly recent: string;
  /** When the first failure since the last success happened (Unix ms); null while the last attempt succeeded. */
  readonly failingSince: number | null;
}

export const newHealth: Health = { recent: "", failingSince: null };

const recentMax = 10;
const failuresInARow = "000";

export function observe(health: Health, succeeded: boolean, now: number): Health {
  return {
    recent: ((succeeded ? "1" : "0") + health.recent).slice(0, recentMax),
    failingSince: succeeded ? null : (health.failingSince ?? now),
  };
}

/** Unknown before the first attempt; failing after three failures in a row; healthy when all of the last ten succeeded. */
export function healthStatus(health: Health): HealthStatus {
  if (health.recent === "") return "unknown";
  if (health.recent.startsWith(failuresInARow)) return "failing";
  return health.recent.includes("0") ? "degraded" : "healthy";
}

/** The share of the last ten attempts that succeeded; null before the first attempt. */
export function successRate({ recent }: Health): number | null {
  return recent === "" ? null : recent.replaceAll("0", "").length / recent.length;
}

/** Whether the latest failure disables the subscription: that is so after five days of failures only. */
export function failedForTooLong(health: Health, now: number): boolean {
  return health.failingSince !== null && now - health.failingSince >= limits.failingMsUntilDisabled;
}
