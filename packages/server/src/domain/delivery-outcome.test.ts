import { expect, test } from "vitest";
import { explainOutcome, type StoredOutcome } from "./delivery-outcome.ts";

const now = 1_000;
const made = (
  state: NonNullable<StoredOutcome["delivery"]>["state"],
  attempts = 1,
  nextAttemptAt: number | null = null,
) => ({
  delivery: { state, attempts, nextAttemptAt },
});
const throttleState = { state: "circuit_open", reason: "Ten requests failed.", since: 5, nextTryAt: 2_000 } as const;

const cases: [name: string, stored: Partial<StoredOutcome>, outcome: string, reason: string | null, since?: number][] =
  [
    ["arrived", made("delivered"), "delivered", null],
    ["failed for good", made("failed", 5), "failed", "attempts_used_up"],
    ["being sent", made("claimed", 0), "waiting", "sending"],
    ["due later, after a failure", made("due", 2, 1_001), "waiting", "retry"],
    ["due later, before the first attempt", made("due", 0, 1_001), "waiting", "scheduled"],
    ["due behind an open circuit", { ...made("due", 1, 1_000), throttleState }, "waiting", "circuit_open", 5],
    ["retried later than the circuit", { ...made("due", 1, 1_001), throttleState }, "waiting", "retry"],
    ["due in order", { ...made("due", 0, 1_000), ordered: true }, "waiting", "in_order"],
    ["due", made("due", 0, 1_000), "waiting", "queued"],
    [
      "due and not set aside yet",
      { ...made("due", 0, 1), disabledReason: "gone", disabledAt: 7 },
      "skipped",
      "disabled",
      7,
    ],
    ["due and not cancelled yet", { ...made("due", 0, 1), deletedAt: 8 }, "cancelled", "subscription_deleted", 8],
    ["skipped", { ...made("skipped", 0), disabledReason: "by_request", disabledAt: 7 }, "skipped", "disabled", 7],
    ["skipped, and enabled since", made("skipped", 0), "skipped", "disabled"],
    ["cancelled with its subscription", { ...made("cancelled"), deletedAt: 8 }, "cancelled", "subscription_deleted", 8],
    ["cancelled with its payload", { ...made("cancelled"), payloadDeletedAt: 9 }, "cancelled", "payload_deleted", 9],
    ["not fanned out yet", { waitsForFanOut: true, mismatch: null }, "waiting", "fan_out"],
    ["never made", { mismatch: null }, "missing", "never_made"],
    ["of another type", { mismatch: { kind: "event_type" } }, "not_matched", "event_type"],
    ["of another channel", { mismatch: { kind: "channel" } }, "not_matched", "channel"],
    ["filtered out", { mismatch: { kind: "filter" } }, "not_matched", "filter"],
    ["a test of another", { mismatch: { kind: "test" } }, "not_matched", "test"],
    [
      "filtered, with a deleted payload",
      { mismatch: { kind: "payload_deleted" }, payloadDeletedAt: 9 },
      "not_matched",
      "payload_deleted",
      9,
    ],
  ];

test.each(cases)("a delivery that is %s is explained", (_, stored, outcome, reason, since = undefined) => {
  const nothing: StoredOutcome = {
    delivery: null,
    disabledReason: null,
    disabledAt: null,
    throttleState: null,
    ordered: false,
    deletedAt: null,
    payloadDeletedAt: null,
    waitsForFanOut: false,
    mismatch: null,
  };
  const explained = explainOutcome({ ...nothing, ...stored }, now);
  expect(explained).toMatchObject({ outcome, reason, since: since ?? null });
  expect(explained.detail).toMatch(/\.$/);
});

test("a throttle state is explained in its own words, and a skipped delivery by whether its subscription is enabled", () => {
  const base = { disabledAt: null, deletedAt: null, payloadDeletedAt: null, waitsForFanOut: false, mismatch: null };
  const detail = (stored: Partial<StoredOutcome>) =>
    explainOutcome(
      { ...base, ordered: false, throttleState: null, disabledReason: null, ...made("skipped", 0), ...stored },
      now,
    ).detail;
  expect(detail({ ...made("due", 0, 1), throttleState })).toBe("Ten requests failed.");
  expect(detail({})).toContain("enabled now");
  expect(detail({ disabledReason: "gone" })).toContain("410 Gone");
});
