import { expect, test } from "vitest";
import { agentOutcomes, webhookOutcomes } from "./final-outcome.ts";

function rejected(status: number) {
  return { kind: "rejected", status, body: "", note: null, retryAfterMs: null } as const;
}

test("410 ends a webhook, and fails a single event of an agent like 413", () => {
  expect([400, 410, 413, 503].map((status) => webhookOutcomes(rejected(status)))).toEqual([null, "gone", null, null]);
  expect([400, 410, 413, 503].map((status) => agentOutcomes(rejected(status)))).toEqual([
    null,
    "failed",
    "failed",
    null,
  ]);
});

test("an accepted and an unreachable outcome are not final", () => {
  for (const rule of [webhookOutcomes, agentOutcomes]) {
    expect(rule({ kind: "accepted", status: 200, body: "", note: null })).toBeNull();
    expect(rule({ kind: "unreachable", reason: "timeout", detail: "" })).toBeNull();
  }
});
