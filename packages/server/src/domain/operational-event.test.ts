import { expect, test } from "vitest";
import type { Attempt, Trigger } from "./attempt.ts";
import type { ClaimedDelivery, SettledDelivery } from "./delivery.ts";
import type { AttemptId, MessageId, NewId, OrganizationId, SubscriptionId } from "./id.ts";
import { operationalEventTypes } from "./operational-catalogue.ts";
import {
  attemptEvent,
  factsOf,
  failuresUntilFailing,
  operationalEventsOf,
  operationalPayload,
} from "./operational-event.ts";

function claimed(scheduleStep: number, trigger: Trigger = "scheduled"): ClaimedDelivery {
  return {
    messageId: "m" as MessageId,
    subscriptionId: "s" as SubscriptionId,
    organizationId: "o" as OrganizationId,
    eventType: "sync.completed",
    payload: "{}",
    contentType: null,
    trigger,
    attempts: 11,
    scheduleStep,
    ordered: false,
    dueAt: 0,
    traceContext: null,
  };
}

const delivered: SettledDelivery = { state: "delivered" };
const failed: SettledDelivery = { state: "failed", gone: false };
const due = (scheduleStep: number): SettledDelivery => ({ state: "due", dueAt: 1, scheduleStep });

let made = 0;
const newId = (() => `id ${++made}`) as unknown as NewId;

test("a message is failing at its fourth failure of a round, and at no other", () => {
  for (let step = 0; step < 20; step++) {
    const expected = step + 1 === failuresUntilFailing ? "message.attempt.failing" : null;
    expect(attemptEvent(claimed(step), due(step + 1)), `${step}`).toBe(expected);
  }
});

test("a success is a recovery only if the message was announced as failing before", () => {
  for (let step = 0; step < 20; step++) {
    const expected = step >= failuresUntilFailing ? "message.attempt.recovered" : null;
    expect(attemptEvent(claimed(step), delivered), `${step}`).toBe(expected);
  }
});

test("the last failure is exhaustion, at any number of attempts", () => {
  for (const step of [0, 1, 4, 9]) expect(attemptEvent(claimed(step), failed)).toBe("message.attempt.exhausted");
});

test("a test event causes no operational event; a resend and a recovery do", () => {
  for (const settled of [delivered, failed, due(failuresUntilFailing)]) {
    expect(attemptEvent(claimed(failuresUntilFailing, "test"), settled)).toBeNull();
    for (const trigger of ["manual", "recovery"] as const) {
      expect(attemptEvent(claimed(failuresUntilFailing, trigger), settled)).not.toBeNull();
    }
  }
});

test("a successful attempt costs no id, and every failure gets one in case it is the decisive one", () => {
  made = 0;
  expect(operationalEventsOf(claimed(0), delivered, newId)).toBeNull();
  expect(made).toBe(0);
  expect(operationalEventsOf(claimed(0), due(1), newId)).toEqual({ event: null, disabledId: "id 1" });
  expect(operationalEventsOf(claimed(0, "test"), failed, newId)).toEqual({ event: null, disabledId: "id 2" });
  expect(operationalEventsOf(claimed(0), failed, newId)).toEqual({
    event: { name: "message.attempt.exhausted", id: "id 3" },
    disabledId: "id 4",
  });
});

test("only an attempt with an event is a fact", () => {
  const attempt = { id: "a" as AttemptId, subscriptionId: "s" as SubscriptionId } as Attempt;
  expect(factsOf(attempt, null)).toEqual([]);
  expect(factsOf(attempt, { event: null, disabledId: "d" as MessageId })).toEqual([]);
  const event = { name: "message.attempt.failing", id: "e" as MessageId } as const;
  expect(factsOf(attempt, { event, disabledId: "d" as MessageId })).toEqual([
    { ...event, subscriptionId: "s", attempt },
  ]);
});

test("unknown values are null in the payload, never missing", () => {
  const subscriptionId = "01973d2b-5e40-7c3f-9a27-1d4e8b6f2c55" as SubscriptionId;
  const organizationId = "01973d2a-7c00-7a11-8d52-6f0b3c9e4a10" as OrganizationId;
  const names = { organizationId, organizationUid: null, subscriptionUid: null, eventId: null };
  const fact = { name: "endpoint.disabled", id: subscriptionId as string as MessageId, subscriptionId } as const;
  expect(operationalPayload({ ...fact, trigger: "manual", failingSince: null }, names, 0)).toEqual({
    type: "endpoint.disabled",
    timestamp: "1970-01-01T00:00:00.000Z",
    data: {
      appId: expect.stringMatching(/^app_[0-9A-Za-z]{22}$/),
      appUid: null,
      endpointId: expect.stringMatching(/^ep_[0-9A-Za-z]{22}$/),
      endpointUid: null,
      trigger: "manual",
      failSince: null,
    },
  });
});

test("the operators may select the nine operational events", () => {
  expect(operationalEventTypes.map(({ name }) => name)).toEqual([
    "endpoint.created",
    "endpoint.updated",
    "endpoint.deleted",
    "endpoint.enabled",
    "endpoint.disabled",
    "endpoint.certificate_expiring",
    "message.attempt.failing",
    "message.attempt.exhausted",
    "message.attempt.recovered",
  ]);
});
