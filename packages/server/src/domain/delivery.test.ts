import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptOutcome } from "./attempt.ts";
import { type ClaimedDelivery, deliveryStates, progressOf, settle } from "./delivery.ts";
import type { MessageId, OrganizationId, SubscriptionId } from "./id.ts";
import { limits } from "./limits.ts";
import { defaultRetryDelaysMs, neverRetry, retrySchedule } from "./retry-policy.ts";

const policy = retrySchedule([5_000, 60_000], () => 0);

function claimed(scheduleStep: number): ClaimedDelivery {
  return {
    messageId: "m" as MessageId,
    subscriptionId: "s" as SubscriptionId,
    organizationId: "o" as OrganizationId,
    eventType: "sync.completed",
    payload: "{}",
    contentType: null,
    trigger: "scheduled",
    attempts: 7,
    scheduleStep,
    ordered: false,
    dueAt: 0,
    traceContext: null,
  };
}

function rejected(status: number, retryAfterMs: number | null = null): AttemptOutcome {
  return { kind: "rejected", status, body: "", note: null, retryAfterMs };
}

const unreachable: AttemptOutcome = { kind: "unreachable", reason: "timeout", detail: "" };

test("an accepted delivery is delivered, at any step of the schedule", () => {
  const accepted: AttemptOutcome = { kind: "accepted", status: 200, body: "", note: null };
  for (const step of [0, 1, 2, 9]) expect(settle(claimed(step), accepted, policy, 100)).toEqual({ state: "delivered" });
});

test("a refused or unreachable delivery is due again after the schedule's next delay", () => {
  for (const outcome of [rejected(500), rejected(302), rejected(400), unreachable]) {
    expect(settle(claimed(0), outcome, policy, 100)).toEqual({ state: "due", dueAt: 5_100, scheduleStep: 1 });
    expect(settle(claimed(1), outcome, policy, 100)).toEqual({ state: "due", dueAt: 60_100, scheduleStep: 2 });
  }
});

test("the last attempt in the schedule fails the delivery", () => {
  for (const outcome of [rejected(500), unreachable]) {
    expect(settle(claimed(2), outcome, policy, 100)).toEqual({ state: "failed", gone: false });
  }
});

test("a 410 fails the delivery immediately and reports that the receiver is gone", () => {
  expect(settle(claimed(0), rejected(410), policy, 100)).toEqual({ state: "failed", gone: true });
});

test("an outcome that the types exclude throws", () => {
  expect(() => settle(claimed(0), { kind: "lost" } as never, policy, 0)).toThrow("the types exclude");
});

test("Retry-After lengthens a delay, up to a bound, and never shortens it", () => {
  const dueAt = (retryAfterMs: number) => {
    const settled = settle(claimed(0), rejected(503, retryAfterMs), policy, 0);
    return settled.state === "due" ? settled.dueAt : null;
  };
  expect(dueAt(1_000)).toBe(5_000);
  expect(dueAt(90_000)).toBe(90_000);
  expect(dueAt(Number.MAX_SAFE_INTEGER)).toBe(limits.retryAfterMsMax);
  expect(settle(claimed(2), rejected(503, 90_000), policy, 0)).toEqual({ state: "failed", gone: false });
});

test("the default schedule has five attempts: immediately, and after 5 s, 5 min, 30 min and 2 h", () => {
  expect(defaultRetryDelaysMs).toEqual([5_000, 300_000, 1_800_000, 7_200_000]);
});

test("each delay is drawn between its nominal length and a tenth more", () => {
  fc.assert(
    fc.property(fc.nat(3), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (step, random) => {
      const delayMs = defaultRetryDelaysMs[step] ?? 0;
      const waitMs = retrySchedule(defaultRetryDelaysMs, () => random)({ step, retryAfterMs: null }) ?? 0;
      expect(waitMs).toBeGreaterThanOrEqual(delayMs);
      expect(waitMs).toBeLessThanOrEqual(delayMs * (1 + limits.retryJitter));
    }),
  );
});

test("a test event is never retried", () => {
  expect(settle(claimed(0), unreachable, neverRetry, 0)).toEqual({ state: "failed", gone: false });
});

test("the progress of a delivery follows from its state, and of a due one from whether it was attempted", () => {
  const described = deliveryStates.map((state) => [
    state,
    progressOf({ state, attempts: 0 }),
    progressOf({ state, attempts: 1 }),
  ]);
  expect(described).toEqual([
    ["due", "pending", "retrying"],
    ["claimed", "pending", "retrying"],
    ["delivered", "delivered", "delivered"],
    ["failed", "failed", "failed"],
    ["skipped", "set_aside", "set_aside"],
    ["cancelled", "set_aside", "set_aside"],
  ]);
});
