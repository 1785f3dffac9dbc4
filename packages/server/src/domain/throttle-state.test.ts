import { expect, test } from "vitest";
import type { AttemptOutcome } from "./attempt.ts";
import { type Circuit, closedCircuit } from "./circuit.ts";
import { firstPace, paceAfter } from "./lane.ts";
import { noThrottle } from "./throttle.ts";
import {
  gravest,
  type LaneState,
  slowdownAfter,
  type ThrottleState,
  throttleStateNames,
  throttleStateOf,
} from "./throttle-state.ts";

const at = Date.UTC(2026, 0, 1);
const free: LaneState = {
  circuit: closedCircuit,
  pace: firstPace,
  slowdown: null,
  rateLimitedSince: null,
  isBusy: true,
};
const open: Circuit = {
  state: "open",
  failures: 10,
  lastFailure: "503",
  lastFailureAt: at,
  waits: 1,
  since: at - 5,
  retryAt: at + 5_000,
};
const slowdown = { since: at - 9, lastSign: "429", lastAt: at };

test("a lane that nothing slows down has no throttle state", () => {
  expect(throttleStateOf(free, at)).toBeNull();
});

test("an open circuit has its reason, its start and its next trial, and a half-open one is being tried now", () => {
  const reason = "10 requests in a row failed, the last with 503 at 2026-01-01T00:00:00.000Z.";
  const both = { ...free, circuit: open, slowdown, rateLimitedSince: at };
  expect(throttleStateOf(both, at)).toEqual({ state: "circuit_open", reason, since: at - 5, nextTryAt: at + 5_000 });
  expect(throttleStateOf({ ...free, circuit: { ...open, state: "half_open" } }, at)).toEqual({
    state: "half_open",
    reason: `${reason} One request is trying again.`,
    since: at - 5,
    nextTryAt: null,
  });
});

test("a slowed-down lane shows it while it pauses, and while it has deliveries", () => {
  const slow = { ...free, slowdown, rateLimitedSince: at };
  const reason = "The endpoint returned 429 at 2026-01-01T00:00:00.000Z.";
  expect(throttleStateOf(slow, at)).toEqual({ state: "slowed_down", reason, since: at - 9, nextTryAt: null });
  const resting = { ...slow, isBusy: false, pace: { ...firstPace, restUntil: at + 1 } };
  expect(throttleStateOf(resting, at)).toMatchObject({ state: "slowed_down", nextTryAt: at + 1 });
  expect(throttleStateOf({ ...resting, rateLimitedSince: null }, at + 1)).toBeNull();
});

test("a throttled lane shows its rate, and when the next request may start", () => {
  const paceOf = (perSecond: number) => ({
    ...firstPace,
    throttle: { ...noThrottle, perSecond, nextStartAt: at + 500 },
  });
  const throttleState = throttleStateOf({ ...free, slowdown, pace: paceOf(2) }, at);
  expect(throttleState).toMatchObject({ state: "slowed_down", nextTryAt: at + 500 });
  expect(throttleState?.reason).toMatch(/ It gets at most 2\.0 requests a second from this node for now\.$/);
  expect(throttleStateOf({ ...free, slowdown, pace: paceOf(95.4) }, at)?.reason).toContain(
    "at most 95 requests a second",
  );
  const silent = { ...slowdown, lastSign: "timeout" };
  expect(throttleStateOf({ ...free, slowdown: silent }, at)?.reason).toBe(
    "The endpoint returned no response in time at 2026-01-01T00:00:00.000Z.",
  );
});

test("a lane with more due deliveries than its rate limit allows shows since when", () => {
  expect(throttleStateOf({ ...free, rateLimitedSince: at - 3 }, at)).toEqual({
    state: "rate_limited",
    reason: "More deliveries are due than the subscription's rate limit allows.",
    since: at - 3,
    nextTryAt: null,
  });
});

test("a slowdown by a failed proxy blames the proxy and not the endpoint", () => {
  const lane = {
    circuit: closedCircuit,
    pace: { ...firstPace, concurrency: 4 },
    slowdown: { since: 1_000, lastSign: "proxy", lastAt: 2_000 },
    rateLimitedSince: null,
    isBusy: true,
  };
  expect(throttleStateOf(lane, 3_000)).toMatchObject({
    state: "slowed_down",
    reason: "The outbound proxy of this Weft failed at 1970-01-01T00:00:02.000Z.",
  });
});

test("a slowdown begins with the first sign, keeps the last one, and ends at the initial pace", () => {
  const overload: AttemptOutcome = { kind: "rejected", status: 429, body: "", note: null, retryAfterMs: 500 };
  const timeout: AttemptOutcome = { kind: "unreachable", reason: "timeout", detail: "" };
  const accepted: AttemptOutcome = { kind: "accepted", status: 204, body: "", note: null };
  let pace = firstPace;
  let slow: ReturnType<typeof slowdownAfter> = null;
  const seen: unknown[] = [];
  for (const [now, outcome] of [accepted, overload, timeout, ...Array.from({ length: 8 }, () => accepted)].entries()) {
    const after = paceAfter(pace, { outcome, startedAt: now * 1_000 }, now * 1_000);
    slow = slowdownAfter(slow, { before: pace, after }, outcome, now * 1_000);
    pace = after;
    seen.push(slow?.lastSign ?? null);
  }
  const timeouts = Array.from({ length: 4 }, () => "timeout");
  expect(seen).toEqual([null, "429", ...timeouts, null, null, null, null, null]);
  const resting = { ...firstPace, concurrency: 64, restUntil: 10 };
  expect(slowdownAfter(slowdown, { before: resting, after: resting }, accepted, 9)).toBe(slowdown);
  expect(slowdownAfter(slowdown, { before: resting, after: resting }, accepted, 10)).toBeNull();
  const kept = { ...firstPace, concurrency: 1 };
  expect(slowdownAfter(slowdown, { before: kept, after: { ...kept, restUntil: 20 } }, overload, 10)).toEqual({
    since: at - 9,
    lastSign: "429",
    lastAt: 10,
  });
  const throttled = { ...firstPace, throttle: { ...noThrottle, perSecond: 5 } };
  expect(slowdownAfter(null, { before: firstPace, after: throttled }, overload, 10)).toMatchObject({ since: 10 });
  expect(slowdownAfter(slowdown, { before: throttled, after: throttled }, accepted, 10)).toBe(slowdown);
  expect(slowdownAfter(slowdown, { before: throttled, after: firstPace }, accepted, 10)).toBeNull();
});

test("the most severe throttle state of several nodes is shown, and the oldest of equal ones", () => {
  const said = (state: ThrottleState["state"], since: number): ThrottleState => ({
    state,
    since,
    reason: "",
    nextTryAt: null,
  });
  expect(gravest([])).toBeNull();
  for (const [index, state] of throttleStateNames.entries()) {
    const lesser = throttleStateNames.slice(index).map((other) => said(other, 1));
    expect(gravest(lesser.toReversed())?.state).toBe(state);
  }
  expect(gravest([said("slowed_down", 2), said("slowed_down", 1)])?.since).toBe(1);
});
