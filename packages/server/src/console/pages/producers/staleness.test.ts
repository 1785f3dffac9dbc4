import type { SourceConnectionListItem } from "@weft/sdk";
import { expect, test } from "vitest";
import { byStaleness, staleReason } from "./staleness.ts";

type Job = NonNullable<SourceConnectionListItem["last_job"]>;

function connection(changes: Partial<SourceConnectionListItem> = {}): SourceConnectionListItem {
  return {
    ...{ id: "1", organization_id: "o", name: "Docs", short_name: "directory", readable_collection_id: "docs" },
    ...{ status: "active", created_at: "", modified_at: "", schedule: null, is_authenticated: true },
    ...{ auth_method: "direct", entity_count: 0, federated_search: false, metadata: {} },
    ...{ last_success_at: "2026-01-02T00:00:00Z", last_job: null, is_stale: true, error_category: null },
    ...changes,
  };
}

function job(status: Job["status"], error: string | null = null): Job {
  return { id: "j", status, started_at: null, completed_at: null, duration_ms: null, error };
}

test("the reason why a connection is stale is shown, the most direct one first", () => {
  const reasonOf = (changes: Partial<SourceConnectionListItem>) => staleReason(connection(changes));
  expect(reasonOf({ is_stale: false })).toBeNull();
  expect(reasonOf({ status: "pending_auth" })).toBe("Authorization is pending.");
  expect(reasonOf({ status: "needs_reauth", last_job: job("failed", "x") })).toBe("Authorization has expired.");
  expect(reasonOf({ last_job: job("failed", "The folder is gone.") })).toBe(
    "The last sync failed: The folder is gone.",
  );
  expect(reasonOf({ last_job: job("completed") })).toBe("The scheduled sync did not run.");
  expect(reasonOf({ last_success_at: null })).toBe("No sync has run yet.");
  expect(reasonOf({ last_success_at: null, last_job: job("cancelled") })).toBe("The last sync was cancelled.");
});

test("stale connections come first, and among equal ones those that were synced longest ago", () => {
  const fresh = connection({ id: "fresh", is_stale: false });
  const never = connection({ id: "never", last_success_at: null });
  const recent = connection({ id: "recent" });
  const old = connection({ id: "old", last_success_at: "2025-01-01T00:00:00Z" });
  expect([fresh, recent, old, never].toSorted(byStaleness).map(({ id }) => id)).toEqual([
    "never",
    "old",
    "recent",
    "fresh",
  ]);
});
