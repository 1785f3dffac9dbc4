import type { SourceConnectionListItem } from "@weft/sdk";
import { texts } from "../../texts/texts.ts";

/** Why the data of a connection is stale; null when it is not. */
export function staleReason(connection: SourceConnectionListItem): string | null {
  const { is_stale: isStale, status, last_job: lastJob, last_success_at: lastSuccessAt } = connection;
  if (!isStale) return null;
  const { reasons } = texts.producers.freshness;
  if (status === "pending_auth") return reasons.pendingAuth;
  if (status === "needs_reauth") return reasons.needsReauth;
  if (lastJob?.status === "failed") return reasons.failed(lastJob.error ?? "");
  if (lastSuccessAt !== null) return reasons.overdue;
  return lastJob?.status === "cancelled" ? reasons.cancelled : reasons.never;
}

/** Stale ones first, and among equal ones those that were synced longest ago. */
export function byStaleness(a: SourceConnectionListItem, b: SourceConnectionListItem): number {
  if (a.is_stale !== b.is_stale) return a.is_stale ? -1 : 1;
  return (a.last_success_at ?? "").localeCompare(b.last_success_at ?? "");
}
