import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptOutcome } from "./attempt.ts";
import { firstPace, type LanePace, laneHeldMax, paceAfter, paceOfReturn } from "./lane.ts";
import { limits } from "./limits.ts";
import { noThrottle } from "./throttle.ts";

const accepted: AttemptOutcome = { kind: "accepted", status: 200, body: "", note: null };
const timeout: AttemptOutcome = { kind: "unreachable", reason: "timeout", detail: "" };
const refused = (status: number, retryAfterMs: number | null = null): AttemptOutcome => ({
  kind: "rejected",
  status,
  body: "",
  note: null,
  retryAfterMs,
});

function after(pace: LanePace, outcome: AttemptOutcome, now: number): LanePace {
  return paceAfter(pace, { outcome, startedAt: now }, now);
}

test("each success adds one concurrent request, up to the limit", () => {
  let pace = firstPace;
  for (let i = 0; i < 200; i++) pace = after(pace, accepted, 0);
  expect(pace).toMatchObject({ concurrency: limits.laneConcurrencyMax, restUntil: 0 });
});

test.each([429, 502, 503, 504])("%i with Retry-After pauses the lane for that time, up to a minute", (status) => {
  expect(after(firstPace, refused(status), 50)).toMatchObject({ concurrency: 8, restUntil: 0 });
  expect(after(firstPace, refused(status, 20_000), 50)).toMatchObject({ concurrency: 8, restUntil: 20_050 });
  expect(after(firstPace, refused(status, 10 ** 9), 50)).toMatchObject({ concurrency: 8, restUntil: 60_050 });
});

test("a timeout or a failed proxy halves the concurrency, and other refusals and failures do not change it", () => {
  for (const outcome of [timeout, { ...timeout, reason: "proxy" as const }]) {
    expect(after(firstPace, outcome, 0)).toMatchObject({ concurrency: 4, restUntil: 0 });
  }
  for (const outcome of [refused(500), refused(404, 9_000), refused(301), { ...timeout, reason: "dns" as const }]) {
    const { concurrency, restUntil } = after(firstPace, outcome, 0);
    expect({ concurrency, restUntil }).toEqual({ concurrency: 8, restUntil: 0 });
  }
});

test("an outcome that the types exclude throws", () => {
  expect(() => after(firstPace, { kind: "lost" } as never, 0)).toThrow("the types exclude");
});

test("a slow lane holds as many deliveries as it may send concurrently, and each doubling of its pace gives it four times the room", () => {
  const held = [1, 2, 4, 8, 16, 32, 64].map((concurrency) => laneHeldMax({ ...firstPace, concurrency }));
  expect(held).toEqual([1, 2, 4, 16, 64, 256, 1_024]);
});

test("a throttled lane holds about as many deliveries as it sends in a second", () => {
  const held = [2, 40, 10_000].map((perSecond) =>
    laneHeldMax({ ...firstPace, concurrency: 64, throttle: { ...noThrottle, perSecond } }),
  );
  expect(held).toEqual([2, 40, 1_024]);
});

test("a later response never shortens a pause", () => {
  const resting = after(firstPace, refused(429, 30_000), 0);
  expect(after(resting, refused(429, 1_000), 5).restUntil).toBe(30_000);
});

test("a lane whose circuit has closed starts again with one request, after the requested pause", () => {
  expect(paceOfReturn({ ...firstPace, concurrency: 64, restUntil: 7 })).toEqual({
    ...firstPace,
    concurrency: 1,
    restUntil: 7,
  });
});

test("in any history, at least one request may run, and never more than the limit", () => {
  const outcome = fc.constantFrom(accepted, timeout, refused(429), refused(500), refused(503, 5));
  fc.assert(
    fc.property(fc.array(outcome), (outcomes) => {
      const pace = outcomes.reduce((before, next, at) => after(before, next, at), firstPace);
      expect(pace.concurrency).toBeGreaterThanOrEqual(1);
      expect(pace.concurrency).toBeLessThanOrEqual(limits.laneConcurrencyMax);
      expect(laneHeldMax(pace)).toBeGreaterThanOrEqual(pace.concurrency);
    }),
  );
});
