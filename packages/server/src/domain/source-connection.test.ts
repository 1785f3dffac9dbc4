import { expect, test } from "vitest";
import { sourceConnectionStatus } from "./source-connection.ts";

test("a connection without credentials waits for them, whatever its jobs say", () => {
  expect(sourceConnectionStatus({ authenticatedAt: null, pausedAt: 1 }, null)).toBe("pending_auth");
  expect(sourceConnectionStatus({ authenticatedAt: null, pausedAt: 1 }, "failed")).toBe("pending_auth");
});

test("a connection syncs while its job is under way, and is in error when the last one failed", () => {
  const connection = { authenticatedAt: 1, pausedAt: null };
  for (const state of ["pending", "running", "cancelling"] as const) {
    expect(sourceConnectionStatus(connection, state)).toBe("syncing");
  }
  expect(sourceConnectionStatus(connection, "failed")).toBe("error");
  for (const state of [null, "completed", "cancelled"] as const) {
    expect(sourceConnectionStatus(connection, state)).toBe("active");
  }
});

test("a paused connection is inactive, but for a job that is under way", () => {
  const paused = { authenticatedAt: 1, pausedAt: 2 };
  for (const state of [null, "completed", "failed"] as const)
    expect(sourceConnectionStatus(paused, state)).toBe("inactive");
  expect(sourceConnectionStatus(paused, "running")).toBe("syncing");
});
