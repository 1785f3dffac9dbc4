import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptOutcome } from "./attempt.ts";
import { firstPace, type LanePace, nextStartIn, paceAfter, paceAfterStart } from "./lane.ts";
import { noThrottle, throttleAfter } from "./throttle.ts";

const accepted: AttemptOutcome = { kind: "accepted", status: 200, body: "", note: null };
const refused = (status: number, retryAfterMs: number | null = null): AttemptOutcome => ({
  kind: "rejected",
  status,
  body: "",
  note: null,
  retryAfterMs,
});

/** Decides on a request that arrives at a time. */
type Receiver = (at: number) => AttemptOutcome;

interface Served {
  readonly sentPerSecond: number;
  readonly takenPerSecond: number;
}

/** Sends from an endless backlog through one lane, on simulated time, and counts from a time on. */
function serve(receiver: Receiver, options: { roundTripMs?: number; ms?: number; fromMs?: number } = {}): Served {
  const { roundTripMs = 20, ms = 60_000, fromMs = 10_000 } = options;
  let pace: LanePace = firstPace;
  let [sent, taken] = [0, 0];
  const underWay: { startedAt: number; outcome: AttemptOutcome }[] = [];
  for (let now = 0; now < ms; now++) {
    while (underWay[0] !== undefined && underWay[0].startedAt + roundTripMs <= now) {
      const { startedAt, outcome } = underWay.shift() as { startedAt: number; outcome: AttemptOutcome };
      pace = paceAfter(pace, { outcome, startedAt }, now);
      if (startedAt >= fromMs && outcome.kind === "accepted") taken += 1;
    }
    while (underWay.length < pace.concurrency && nextStartIn(pace) <= now) {
      pace = paceAfterStart(pace, now);
      underWay.push({ startedAt: now, outcome: receiver(now) });
      if (now >= fromMs) sent += 1;
    }
  }
  const seconds = (ms - fromMs) / 1_000;
  return { sentPerSecond: sent / seconds, takenPerSecond: taken / seconds };
}

/** A receiver that refuses a share of all requests, regardless of their rate. */
function refusing(share: number, seed = 1): Receiver {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 < share ? refused(503) : accepted;
  };
}

/** A receiver that accepts this many requests per second and refuses the others. */
function shedding(perSecond: number, status = 503): Receiver {
  let tokens = 0;
  let last = 0;
  return (at) => {
    tokens = Math.min(Math.max(2, perSecond / 20), tokens + ((at - last) * perSecond) / 1_000);
    last = at;
    if (tokens < 1) return refused(status);
    tokens -= 1;
    return accepted;
  };
}

const free = serve(() => accepted);

test.each([0.01, 0.05, 0.1, 0.2, 0.3])(
  "a receiver that refuses a share of %d at any rate gets most of the rate",
  (share) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      expect(serve(refusing(share, seed)).sentPerSecond, `seed ${seed}`).toBeGreaterThan(free.sentPerSecond * 0.8);
    }
  },
);

test("a receiver that refuses everything gets a few requests a second, and soon everything once it accepts", () => {
  expect(serve(() => refused(503)).sentPerSecond).toBeLessThan(4);
  expect(serve(() => refused(503), { fromMs: 0 }).sentPerSecond).toBeLessThan(5);
  const recovers: Receiver = (at) => (at < 30_000 ? refused(502) : accepted);
  expect(serve(recovers, { ms: 90_000, fromMs: 60_000 }).takenPerSecond).toBeGreaterThan(free.takenPerSecond * 0.95);
});

test.each([5, 10, 30, 100, 300, 1_000, 2_500])(
  "a receiver that sheds load above %d a second gets about that many",
  (capacity) => {
    for (const status of [429, 502, 503, 504]) {
      const { sentPerSecond, takenPerSecond } = serve(shedding(capacity, status));
      expect(sentPerSecond, `${status}`).toBeLessThan(capacity * 1.2);
      expect(takenPerSecond, `${status}`).toBeGreaterThan(capacity * 0.8);
    }
  },
);

test.each([100, 500, 2_000])("it gets about that many at round trips of %d ms", (roundTripMs) => {
  const most = serve(() => accepted, { roundTripMs, ms: 240_000, fromMs: 60_000 }).takenPerSecond;
  const capacity = most / 3;
  const { sentPerSecond, takenPerSecond } = serve(shedding(capacity), { roundTripMs, ms: 240_000, fromMs: 60_000 });
  expect(sentPerSecond).toBeLessThan(capacity * 1.25);
  expect(takenPerSecond).toBeGreaterThan(capacity * 0.75);
  const share = serve(refusing(0.2), { roundTripMs, ms: 240_000, fromMs: 60_000 });
  expect(share.sentPerSecond).toBeGreaterThan(most * 0.7);
});

test("the rate follows a capacity that changes", () => {
  const [small, large] = [shedding(100), shedding(400)];
  const changing: Receiver = (at) => (at < 30_000 ? large(at) : at < 60_000 ? small(at) : large(at));
  const inSmall = serve(changing, { ms: 60_000, fromMs: 40_000 });
  expect(inSmall.sentPerSecond).toBeLessThan(120);
  expect(inSmall.takenPerSecond).toBeGreaterThan(80);
  expect(serve(changing, { ms: 120_000, fromMs: 100_000 }).takenPerSecond).toBeGreaterThan(320);
});

test("a 429 with Retry-After pauses the lane for that time", () => {
  let requestedAt = Number.NEGATIVE_INFINITY;
  let early = 0;
  const receiver: Receiver = (at) => {
    // Requests that were running when the first refusal arrived do not count.
    if (at > requestedAt + 20 && at < requestedAt + 5_000) early += 1;
    if (at < requestedAt + 10_000) return accepted;
    requestedAt = at;
    return refused(429, 5_000);
  };
  serve(receiver);
  expect(early).toBe(0);
});

test("a few refusals at a low rate change nothing", () => {
  let pace: LanePace = firstPace;
  for (let now = 0; now < 600_000; now += 5_000) {
    pace = paceAfterStart(pace, now);
    pace = paceAfter(pace, { outcome: now % 15_000 === 0 ? refused(503) : accepted, startedAt: now }, now + 20);
    expect(nextStartIn(pace)).toBe(0);
  }
});

test("in any history, the bound is a positive number or absent", () => {
  const response = fc.record({ isRefusal: fc.boolean(), roundTripMs: fc.nat(5_000), restMs: fc.nat(3_000) });
  fc.assert(
    fc.property(fc.array(response, { maxLength: 300 }), (responses) => {
      let now = 0;
      let throttle = noThrottle;
      for (const { isRefusal, roundTripMs, restMs } of responses) {
        now += restMs;
        throttle = throttleAfter(throttle, { isRefusal, startedAt: now - roundTripMs }, now);
        if (throttle.perSecond !== null) expect(throttle.perSecond).toBeGreaterThan(0);
        expect(throttle.perSecond).not.toBe(Number.POSITIVE_INFINITY);
      }
    }),
  );
});
