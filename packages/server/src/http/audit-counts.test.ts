import { expect, test } from "vitest";
import { ManualClock } from "../delivery/fixtures/manual-clock.ts";
import type { AuditEntry } from "../domain/audit-entry.ts";
import { idSource, type OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { AuditCounts, type CountedCall } from "./audit-counts.ts";

const first = "00000000-0000-7000-8000-000000000001" as OrganizationId;

interface Counting {
  readonly counts: AuditCounts;
  readonly entries: AuditEntry[];
  readonly clock: ManualClock;
  fails: boolean;
}

function counting(): Counting {
  const clock = new ManualClock(1_000_000);
  const entries: AuditEntry[] = [];
  const store = {
    addAuditEntry: async ({ entry }: { entry: AuditEntry }) => {
      if (counted.fails) throw new Error("The disk is full.");
      entries.push(entry);
      return null;
    },
  };
  const newId = idSource(
    () => clock.now(),
    (size) => Buffer.alloc(size, 7),
  );
  const reporter = { internalOperationFailed: () => {} };
  const counts = new AuditCounts({ store, clock, newId, reporter, organizationId: first });
  const counted: Counting = { counts, entries, clock, fails: false };
  return counted;
}

function call(changes: Partial<CountedCall> = {}): CountedCall {
  return {
    kind: "refused",
    organizationId: first,
    actor: { kind: "api_key", id: "1", name: "x", via: null },
    address: "192.0.2.1",
    forwardedFor: null,
    operation: "listApiKeys",
    method: "GET",
    path: "/api-keys",
    fields: [],
    requestId: "r",
    status: 403,
    ...changes,
  };
}

test("the first call has an entry immediately, and similar ones share an entry when the span ends", async () => {
  const { counts, entries, clock } = counting();
  await counts.note(call());
  expect(entries).toMatchObject([{ count: 1, createdAt: 1_000_000, lastAt: null }]);
  for (let i = 0; i < 999; i++) {
    await clock.advance(10);
    await counts.note(call());
  }
  expect(entries).toHaveLength(1);
  await clock.advance(limits.auditSpanMs);
  expect(entries.slice(1)).toMatchObject([{ count: 999, createdAt: 1_000_010, lastAt: 1_009_990 }]);
  await counts.note(call());
  expect(entries).toHaveLength(3);
  await counts.stop();
});

test("counted calls are recorded when Weft stops", async () => {
  const { counts, entries } = counting();
  for (let i = 0; i < 3; i++) await counts.note(call());
  await counts.stop();
  expect(entries.map(({ count }) => count)).toEqual([1, 2]);
});

test("a flood from any number of addresses and operations adds a bounded number of entries per span, and counts every call", async () => {
  const { counts, entries, clock } = counting();
  const flood = 10_000;
  for (let i = 0; i < flood; i++) {
    await counts.note(call({ kind: "sign_in_failed", address: `192.0.2.${i}`, operation: `operation ${i % 97}` }));
  }
  await counts.note(call());
  await clock.advance(limits.auditSpanMs);
  const failed = entries.filter(({ kind }) => kind === "sign_in_failed");
  expect(failed.length).toBeLessThanOrEqual(2 * (limits.auditTalliesPerKindMax + 1));
  expect(failed.reduce((sum, { count }) => sum + count, 0)).toBe(flood);
  expect(failed.at(-1)).toMatchObject({ operation: "several", address: null, actor: { kind: "anonymous" } });
  // A flood of one kind does not hide entries of another kind.
  expect(entries.filter(({ kind }) => kind === "refused")).toMatchObject([{ operation: "listApiKeys" }]);
  await counts.stop();
});

test("the memory of a node is bounded, however many organizations are flooded", async () => {
  const { counts, entries, clock } = counting();
  const flood = 3 * limits.auditTalliesMax;
  for (let i = 0; i < flood; i++) {
    const organizationId = `00000000-0000-7000-8000-${String(i % (2 * limits.auditTalliesMax)).padStart(12, "0")}`;
    await counts.note(call({ organizationId: organizationId as OrganizationId, address: `${i}` }));
  }
  await clock.advance(limits.auditSpanMs);
  expect(entries.length).toBeLessThanOrEqual(2 * (limits.auditTalliesMax + 10));
  expect(entries.reduce((sum, { count }) => sum + count, 0)).toBe(flood);
  await counts.stop();
});

test("a call whose entry cannot be stored fails, and the next one is recorded as the first", async () => {
  const counted = counting();
  counted.fails = true;
  await expect(counted.counts.note(call({ kind: "secret_read" }))).rejects.toThrow("The disk is full.");
  counted.fails = false;
  await counted.counts.note(call({ kind: "secret_read" }));
  expect(counted.entries).toHaveLength(1);
  await counted.counts.stop();
});
