import { expect, test } from "vitest";
import { type DeliveryState, deliveryStates } from "./delivery.ts";
import { firstIdAt, type MessageId, type SubscriptionId } from "./id.ts";
import {
  everythingAgain,
  isAhead,
  type Recovery,
  type RecoveryCandidate,
  type RecoveryScope,
  type ReplayFilter,
  recoveryWarning,
  selectedStates,
  takes as takesOf,
  windowMistake,
} from "./recovery.ts";

const all = everythingAgain.filter;

function replay(filter: Partial<ReplayFilter> = {}): RecoveryScope {
  return { kind: "replay", filter: { ...all, ...filter } };
}

function made(state: DeliveryState, attempts: number) {
  return { state, attempts, recoveredAt: null, isQueued: false };
}

const requestedAt = 1_000;

function takes(scope: RecoveryScope, candidate: RecoveryCandidate): boolean {
  return takesOf({ scope, createdAt: requestedAt }, candidate);
}

function candidate(changes: Partial<RecoveryCandidate> = {}): RecoveryCandidate {
  return {
    messageId: id(2) as MessageId,
    subscriptionId: id(1) as SubscriptionId,
    delivery: made("failed", 3),
    eventType: "user.signup",
    channels: ["a", "b"],
    tags: ["t"],
    lastStatus: 503,
    ...changes,
  };
}

const id = (last: number) => `019b76da-a800-7000-8000-00000000000${last}`;

const neverMade = candidate({ delivery: null, lastStatus: null });

function expectedStates(scope: RecoveryScope, attempts: number) {
  return deliveryStates.filter((state) => takes(scope, candidate({ delivery: made(state, attempts) })));
}

test("failed, skipped and missing deliveries need recovery; waiting, delivered and cancelled ones do not", () => {
  const scope = { kind: "undelivered" } as const;
  expect(takes(scope, neverMade)).toBe(true);
  expect(expectedStates(scope, 3)).toEqual(["failed", "skipped"]);
  expect(expectedStates(scope, 0)).toEqual(["failed", "skipped"]);
});

test("the scope of unsent deliveries has those that are missing or were skipped before their first attempt", () => {
  const scope = { kind: "never_sent" } as const;
  expect(takes(scope, neverMade)).toBe(true);
  expect(expectedStates(scope, 0)).toEqual(["skipped"]);
  expect(expectedStates(scope, 1)).toEqual([]);
});

test("a replay selects every delivery, delivered and missing ones included, except those that are being sent", () => {
  expect(takes(replay(), neverMade)).toBe(true);
  expect(expectedStates(replay(), 1)).toEqual(["due", "delivered", "failed", "skipped", "cancelled"]);
});

test("a replay of one state selects no delivery in another state, and no missing one", () => {
  for (const state of deliveryStates) {
    const taken = state === "claimed" ? [] : [state];
    expect(expectedStates(replay({ state }), 1)).toEqual(taken);
    expect(selectedStates(replay({ state }))).toEqual(taken);
    expect(takes(replay({ state }), neverMade)).toBe(false);
  }
});

test("a replay selects the deliveries that match all of its filters", () => {
  const passing: Partial<ReplayFilter>[] = [
    { eventTypes: ["user.signup", "other"] },
    { channel: "b" },
    { tag: "t" },
    { statusClass: 500 },
    { eventTypes: ["user.*"] },
    { standings: ["failed", "missing"] },
    { messageIds: [id(1), id(2)] as MessageId[] },
    { eventTypes: ["user.signup"], channel: "a", tag: "t", statusClass: 500, state: "failed" },
  ];
  for (const filter of passing) expect(takes(replay(filter), candidate()), JSON.stringify(filter)).toBe(true);
  const refusing: Partial<ReplayFilter>[] = [
    { eventTypes: ["user"] },
    { eventTypes: [] },
    { eventTypes: ["other.*"] },
    { standings: ["missing", "skipped", "delivered"] },
    { standings: [] },
    { messageIds: [id(1)] as MessageId[] },
    { channel: "c" },
    { tag: "a" },
    { statusClass: 400 },
    { statusClass: 0 },
    { eventTypes: ["user.signup"], channel: "c" },
  ];
  for (const filter of refusing) expect(takes(replay(filter), candidate()), JSON.stringify(filter)).toBe(false);
});

test("a message without channels or tags matches no filter that names one", () => {
  const bare = candidate({ channels: null, tags: null });
  expect([takes(replay({ channel: "a" }), bare), takes(replay({ tag: "t" }), bare), takes(replay(), bare)]).toEqual([
    false,
    false,
    true,
  ]);
});

test("the class of a response is its hundreds digit, 0 without a response, and an unsent delivery has none", () => {
  const classes = [0, 100, 200, 300, 400, 500];
  const classOf = (lastStatus: number | null) =>
    classes.filter((statusClass) => takes(replay({ statusClass }), candidate({ lastStatus })));
  expect([0, 100, 199, 200, 404, 499, 500, 599, null].map(classOf)).toEqual([
    [0],
    [100],
    [100],
    [200],
    [400],
    [400],
    [500],
    [500],
    [],
  ]);
});

test("a message from before the subscription is not recovered, unless it has a delivery", () => {
  const scopes = [{ kind: "undelivered" }, { kind: "never_sent" }, replay()] as const;
  const before = { messageId: id(1) as MessageId, subscriptionId: id(2) as SubscriptionId };
  for (const scope of scopes) {
    expect(takes(scope, { ...neverMade, ...before })).toBe(false);
    expect(takes(scope, { ...candidate({ delivery: made("skipped", 0) }), ...before })).toBe(true);
  }
});

test("a window begins in the past and has a maximum length, and an empty one is valid", () => {
  const day = 86_400_000;
  const mistake = (since: number, until: number) =>
    windowMistake({ since, until }, { now: 100 * day, windowMsMax: 2 * day })?.type;
  expect(mistake(100 * day + 1, 101 * day)).toBe("in_future");
  expect(mistake(100 * day + 1, 0)).toBe("in_future");
  expect(mistake(90 * day, 92 * day + 300_001)).toBe("window_too_long");
  expect(mistake(90 * day, 92 * day + 300_000)).toBeUndefined();
  expect(mistake(90 * day, 80 * day)).toBeUndefined();
});

test("a recovery warns of an empty window, and of a subscription that is disabled meanwhile", () => {
  const recovery = { since: 1, until: 2, status: "running" } as Recovery;
  expect(recoveryWarning(recovery, false)).toBeNull();
  expect(recoveryWarning(recovery, true)).toContain("disabled");
  expect(recoveryWarning({ ...recovery, status: "completed" }, true)).toBeNull();
  expect(recoveryWarning({ ...recovery, until: 1 }, false)).toContain("window");
});

test("a delivery that a recovery made due is not taken by a recovery that was requested earlier, nor while it is queued", () => {
  for (const scope of [{ kind: "undelivered" }, replay()] as const) {
    const recovered = (recoveredAt: number) => ({ delivery: { ...made("failed", 1), recoveredAt } });
    expect(takes(scope, candidate(recovered(requestedAt - 1)))).toBe(true);
    expect(takes(scope, candidate(recovered(requestedAt)))).toBe(false);
    expect(takes(scope, candidate(recovered(requestedAt + 1)))).toBe(false);
  }
  expect(takes(replay(), candidate({ delivery: { ...made("due", 1), isQueued: true } }))).toBe(false);
});

test("a recovery is ahead of the deliveries that it has not reached and will take", () => {
  const messageId = (ms: number) => firstIdAt<"message">(ms);
  const recovery = {
    ...({ scope: { kind: "undelivered" }, createdAt: requestedAt, since: 10, until: 20, total: 5 } as const),
    cursor: messageId(15),
  } as Recovery;
  const at = (ms: number, changes: Partial<RecoveryCandidate> = {}) =>
    candidate({ messageId: messageId(ms), ...changes });
  expect([14, 15, 16, 19, 20].map((ms) => isAhead(recovery, at(ms)))).toEqual([false, false, true, true, false]);
  expect(isAhead({ ...recovery, total: null }, at(14))).toBe(true);
  expect(isAhead(recovery, at(16, { delivery: made("delivered", 1) }))).toBe(false);
});

test("a message without a delivery is missing, and is recovered only in scopes that include missing ones", () => {
  expect(takes(replay({ standings: ["missing"] }), neverMade)).toBe(true);
  expect(takes(replay({ standings: ["failed", "skipped", "delivered"] }), neverMade)).toBe(false);
});
