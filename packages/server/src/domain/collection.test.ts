import fc from "fast-check";
import { expect, test } from "vitest";
import { collectionStatus, type FeedState, readableIdFrom, readableIdPattern } from "./collection.ts";
import { limits } from "./limits.ts";
import type { SyncJobState } from "./sync-job.ts";

function feed(lastJob: SyncJobState | null, hasCompleted = false, isAuthenticated = true): FeedState {
  return { lastJob, hasCompleted, isAuthenticated };
}

test("a collection needs a source until an authenticated one has run", () => {
  expect(collectionStatus([])).toBe("NEEDS SOURCE");
  expect(collectionStatus([feed(null)])).toBe("NEEDS SOURCE");
  expect(collectionStatus([feed("completed", true, false)])).toBe("NEEDS SOURCE");
  expect(collectionStatus([feed("cancelled")])).toBe("NEEDS SOURCE");
});

test("a collection is active while a sync runs, and after one has completed", () => {
  for (const state of ["pending", "running", "cancelling"] as const) {
    expect(collectionStatus([feed(state)])).toBe("ACTIVE");
  }
  expect(collectionStatus([feed("completed", true)])).toBe("ACTIVE");
  expect(collectionStatus([feed("cancelled", true)])).toBe("ACTIVE");
  expect(collectionStatus([feed("failed"), feed("completed", true)])).toBe("ACTIVE");
});

test("a collection is in error when the last job of every connection failed", () => {
  expect(collectionStatus([feed("failed", true), feed("failed")])).toBe("ERROR");
  expect(collectionStatus([feed("failed"), feed(null)])).toBe("ERROR");
});

test("a readable id consists of the name's letters and digits, and a suffix", () => {
  expect(readableIdFrom("Sales Data", "ab1234")).toBe("sales-data-ab1234");
  expect(readableIdFrom("  Café & Crème -- 2 ", "ab1234")).toBe("cafe-creme-2-ab1234");
  expect(readableIdFrom("日本語", "ab1234")).toBe("collection-ab1234");
});

test("the readable id of any name is valid and short enough", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 64 }), (name) => {
      const readableId = readableIdFrom(name, "ab1234");
      expect(readableId).toMatch(readableIdPattern);
      expect(readableId.length).toBeLessThanOrEqual(limits.readableIdLengthMax);
    }),
    // When normalised, each of the first becomes six characters; each of the second becomes eighteen, none of them Latin.
    { examples: [["㎯".repeat(64)], ["\ufdfa".repeat(64)]] },
  );
});

test("a name that would be truncated after a dash ends before it", () => {
  expect(readableIdFrom(`${"㎯".repeat(10)} xy beyond`, "ab1234")).toBe(`${"rad-s2".repeat(10)}-xy-ab1234`);
});

test.each(["", "-a", "a-", "a--b", "A", "a b", "a_b", "é", "a\nb", "a\n"])("%j is not a readable id", (text) => {
  expect(text).not.toMatch(readableIdPattern);
});
