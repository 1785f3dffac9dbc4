import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptOutcome } from "./attempt.ts";
import { firstPace, laneHeldMax, paceAfter, paceOfReturn } from "./lane.ts";
import { limits } from "./limits.ts";

const accepted: AttemptOutcome = { kind: "accepted", status: 200, body: "", note: null };
const timeout: AttemptOutcome = { kind: "unreachable", reason: "timeout", detail: "" };
const refused = (status: number, retryAfterMs: number | null = null): AttemptOutcome => ({
  kind: "rejected",
  status,
  body: "",
  note: null,
  retryAfterMs,
});

test("each success widens the lane by one, up to its limit", () => {
  let pace = firstPace;
  for (let i = 0; i < 200; i++) pace = paceAfter(pace, accepted, 0);
  expect(pace).toEqual({ concurrency: limits.laneConcurrencyMax, restUntil: 0 });
});

test.each([429, 502, 503, 504])("%i halves the lane and gives the receiver a rest", (status) => {
  expect(paceAfter(firstPace, refused(status), 50)).toEqual({ concurrency: 4, restUntil: 1_050 });
  expect(paceAfter(firstPace, refused(status, 20_000), 50)).toEqual({ concurrency: 4, restUntil: 20_050 });
  expect(paceAfter(firstPace, refused(status, 10 ** 9), 50)).toEqual({ concurrency: 4, restUntil: 60_050 });
});

test("silence halves the lane; other refusals and failures leave it as it is", () => {
  expect(paceAfter(firstPace, timeout, 0)).toEqual({ concurrency: 4, restUntil: 0 });
  for (const outcome of [refused(500), refused(404), refused(301), { ...timeout, reason: "dns" as const }]) {
    expect(paceAfter(firstPace, outcome, 0)).toEqual(firstPace);
  }
});

test("an outcome that the types exclude is refused loudly", () => {
  expect(() => paceAfter(firstPace, { kind: "lost" } as never, 0)).toThrow("the types exclude");
});

test("a slow lane holds what it may send at once, and each doubling of its pace gives it four times the room", () => {
  const held = [1, 2, 4, 8, 16, 32, 64].map((concurrency) => laneHeldMax({ concurrency, restUntil: 0 }));
  expect(held).toEqual([1, 2, 4, 16, 64, 256, 1_024]);
});

test("a rest is never shortened by a later answer", () => {
  const resting = paceAfter(firstPace, refused(429, 30_000), 0);
  expect(paceAfter(resting, refused(429), 5).restUntil).toBe(30_000);
});

test("a lane whose circuit has closed begins again with one request, after the rest that was asked for", () => {
  expect(paceOfReturn({ concurrency: 64, restUntil: 7 })).toEqual({ concurrency: 1, restUntil: 7 });
});

test("whatever happens, one request may be under way, and never more than the limit", () => {
  const outcome = fc.constantFrom(accepted, timeout, refused(429), refused(500), refused(503, 5));
  fc.assert(
    fc.property(fc.array(outcome), (outcomes) => {
      const pace = outcomes.reduce((before, next, at) => paceAfter(before, next, at), firstPace);
      expect(pace.concurrency).toBeGreaterThanOrEqual(1);
      expect(pace.concurrency).toBeLessThanOrEqual(limits.laneConcurrencyMax);
      expect(laneHeldMax(pace)).toBeGreaterThanOrEqual(pace.concurrency);
    }),
  );
});
