import { expect, test } from "vitest";
import { sourceConnectionStatus } from "./source-connection.ts";

test("a connection without credentials is pending, regardless of the state of its jobs", () => {
  expect(sourceConnectionStatus({ authenticatedAt: null, needsReauthAt: null, pausedAt: 1 }, null)).toBe(
    "pending_auth",
  );
  expect(sourceConnectionStatus({ authenticatedAt: null, needsReauthAt: null, pausedAt: 1 }, "failed")).toBe(
    "pending_auth",
  );
});

test("a connection is syncing while its job runs, and in error when the last one failed", () => {
  const connection = { authenticatedAt: 1, needsReauthAt: null, pausedAt: null };
  for (const state of ["pending", "running", "cancelling"] as const) {
    expect(sourceConnectionStatus(connection, state)).toBe("syncing");
  }
  expect(sourceConnectionStatus(connection, "failed")).toBe("error");
  for (const state of [null, "completed", "cancelled"] as const) {
    expect(sourceConnectionStatus(connection, state)).toBe("active");
  }
});

test("a paused connection is inactive, except while a job runs", () => {
  const paused = { authenticatedAt: 1, needsReauthAt: null, pausedAt: 2 };
  for (const state of [null, "completed", "failed"] as const)
    expect(sourceConnectionStatus(paused, state)).toBe("inactive");
  expect(sourceConnectionStatus(paused, "running")).toBe("syncing");
});

test("a connection whose tokens the provider refuses shows that, paused or not, unless a job runs", () => {
  const refused = { authenticatedAt: 1, needsReauthAt: 2, pausedAt: null };
  for (const state of [null, "completed", "failed"] as const) {
    expect(sourceConnectionStatus(refused, state)).toBe("needs_reauth");
    expect(sourceConnectionStatus({ ...refused, pausedAt: 3 }, state)).toBe("needs_reauth");
  }
  expect(sourceConnectionStatus(refused, "running")).toBe("syncing");
});
