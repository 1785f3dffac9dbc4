import { expect, test } from "vitest";
import { sourceConnectionStatus } from "./source-connection.ts";

test("a connection without credentials waits for them, whatever its jobs say", () => {
  expect(sourceConnectionStatus({ authenticatedAt: null }, null)).toBe("pending_auth");
  expect(sourceConnectionStatus({ authenticatedAt: null }, "failed")).toBe("pending_auth");
});

test("a connection syncs while its job is under way, and is in error when the last one failed", () => {
  const connection = { authenticatedAt: 1 };
  for (const state of ["pending", "running", "cancelling"] as const) {
    expect(sourceConnectionStatus(connection, state)).toBe("syncing");
  }
  expect(sourceConnectionStatus(connection, "failed")).toBe("error");
  for (const state of [null, "completed", "cancelled"] as const) {
    expect(sourceConnectionStatus(connection, state)).toBe("active");
  }
});
