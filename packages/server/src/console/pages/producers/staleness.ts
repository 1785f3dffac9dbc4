import { texts } from "../../texts/texts.ts";
import type { ConnectionEntry } from "./connection-entries.ts";

/** Why what a connection brought is stale; null when it is not. */
export function staleReason({ isStale, status, lastJob, lastSuccessAt }: ConnectionEntry): string | null {
  if (!isStale) return null;
  const { reasons } = texts.producers.freshness;
  if (status === "pending_auth") return reasons.pendingAuth;
  if (status === "needs_reauth") return reasons.needsReauth;
  if (lastJob?.status === "failed") return reasons.failed(lastJob.error ?? "");
  if (lastSuccessAt !== null) return reasons.overdue;
  return lastJob?.status === "cancelled" ? reasons.cancelled : reasons.never;
}

/** Stale ones first, and among the like of them those first that were synced longest ago. */
export function byStaleness(a: ConnectionEntry, b: ConnectionEntry): number {
  if (a.isStale !== b.isStale) return a.isStale ? -1 : 1;
  return (a.lastSuccessAt ?? "").localeCompare(b.lastSuccessAt ?? "");
}
