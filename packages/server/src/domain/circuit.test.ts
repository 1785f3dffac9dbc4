import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptOutcome, UnreachableReason } from "./attempt.ts";
import { type Circuit, circuitAfter, closedCircuit, mayPass, withoutTrial, withTrial } from "./circuit.ts";
import { limits } from "./limits.ts";

const accepted: AttemptOutcome = { kind: "accepted", status: 204, body: "", note: null };
const refused = (status: number): AttemptOutcome => ({
  kind: "rejected",
  status,
  body: "",
  note: null,
  retryAfterMs: null,
});
const unreachable = (reason: UnreachableReason): AttemptOutcome => ({ kind: "unreachable", reason, detail: "" });
const down = refused(503);

function after(outcomes: readonly { outcome: AttemptOutcome; at: number }[], circuit: Circuit = closedCircuit) {
  return outcomes.reduce((before, { outcome, at }) => circuitAfter(before, outcome, at, 0), circuit);
}

/** `count` failures, the first at 0 and the last at `lastAt`. */
function failures(count: number, lastAt: number, outcome = down) {
  return Array.from({ length: count }, (_, index) => ({ outcome, at: index === count - 1 ? lastAt : 0 }));
}

const open = after(failures(10, 30_000));

test("ten consecutive failures over thirty seconds open the circuit for five seconds, with the reason and the time", () => {
  expect(open).toEqual({
    state: "open",
    failures: 10,
    lastFailure: "503",
    lastFailureAt: 30_000,
    waits: 1,
    since: 30_000,
    retryAt: 35_000,
  });
});

test("nine failures over any time do not open it, and neither do many within thirty seconds", () => {
  expect(after(failures(9, 3_600_000))).toEqual({ state: "closed", failures: 9, failingSince: 0 });
  expect(after(failures(1_000, 29_999)).state).toBe("closed");
});

test.each([
  ["accepted", accepted],
  ...[301, 400, 404, 410, 429, 499].map((status): [string, AttemptOutcome] => [String(status), refused(status)]),
  ["an answer that is too large", unreachable("too_large")],
])("%s says that the endpoint is there: it forgets failures and closes what is open", (_, outcome) => {
  expect(after([...failures(9, 30_000), { outcome, at: 30_000 }, ...failures(1, 60_000)])).toMatchObject({
    state: "closed",
    failures: 1,
  });
  expect(circuitAfter(open, outcome, 30_001, 0)).toBe(closedCircuit);
  expect(circuitAfter(withTrial(open), outcome, 35_000, 0)).toBe(closedCircuit);
  expect(circuitAfter(closedCircuit, outcome, 0, 0)).toBe(closedCircuit);
});

test.each([
  ...[500, 502, 503, 504, 599].map((status): [string, AttemptOutcome] => [String(status), refused(status)]),
  ...(["dns", "connect", "tls", "timeout", "blocked_address", "closed", "protocol"] as const).map(
    (reason): [string, AttemptOutcome] => [reason, unreachable(reason)],
  ),
])("%s says that the endpoint is down", (name, outcome) => {
  expect(after(failures(10, 30_000, outcome))).toMatchObject({ state: "open", lastFailure: name });
});

test.each(["aborted", "proxy"] as const)("%s counts as no outcome, and returns its trial", (reason) => {
  const aborted = unreachable(reason);
  const failing = after(failures(9, 30_000));
  expect(circuitAfter(failing, aborted, 31_000, 0)).toBe(failing);
  expect(circuitAfter(open, aborted, 31_000, 0)).toBe(open);
  expect(circuitAfter(withTrial(open), aborted, 36_000, 0)).toEqual(open);
});

test("an open circuit lets no request start until its time is over, then exactly one trial", () => {
  expect(mayPass(open, 34_999)).toBe(false);
  expect(mayPass(open, 35_000)).toBe(true);
  const trying = withTrial(open);
  expect(trying).toEqual({ ...open, state: "half_open" });
  expect(mayPass(trying, 10 ** 9)).toBe(false);
  expect(withoutTrial(trying)).toEqual(open);
});

test("a closed circuit lets every request start, and uses no trials", () => {
  expect(mayPass(closedCircuit, 0)).toBe(true);
  expect(withTrial(closedCircuit)).toBe(closedCircuit);
  expect(withoutTrial(closedCircuit)).toBe(closedCircuit);
  expect(withoutTrial(open)).toBe(open);
});

test("each failed trial doubles the wait, up to five minutes, and the circuit stays open since it first opened", () => {
  const waits: number[] = [];
  let circuit: Circuit = open;
  for (let trial = 0; trial < 9; trial++) {
    const now = circuit.state === "open" ? circuit.retryAt : 0;
    circuit = circuitAfter(withTrial(circuit), unreachable("timeout"), now, 0);
    if (circuit.state === "open") waits.push(circuit.retryAt - now);
  }
  expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300, 300, 300].map((seconds) => seconds * 1_000));
  expect(circuit).toMatchObject({ since: 30_000, failures: 19, waits: 10, lastFailure: "timeout" });
});

test("a random tenth lengthens the wait, so that nodes do not try at the same time", () => {
  const jittered = circuitAfter(after(failures(9, 0)), down, 30_000, 1);
  expect(jittered).toMatchObject({ retryAt: 35_500 });
});

test("a late failure of a request that started before the circuit opened changes nothing", () => {
  expect(circuitAfter(open, down, 33_000, 0)).toBe(open);
});

test("an outcome or a state that the types exclude throws", () => {
  expect(() => circuitAfter(closedCircuit, { kind: "lost" } as never, 0, 0)).toThrow("the types exclude");
  expect(() => circuitAfter({ state: "melted" } as never, down, 0, 0)).toThrow("the types exclude");
});

test("in any history, it opens only after ten consecutive failures over thirty seconds, and for a bounded time", () => {
  const outcome = fc.constantFrom(down, down, down, down, accepted, refused(404), unreachable("timeout"));
  const step = fc.record({ outcome, tookMs: fc.nat(20_000), random: fc.double({ min: 0, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      let circuit: Circuit = closedCircuit;
      let now = 0;
      let row: number[] = [];
      for (const { outcome: next, tookMs, random } of steps) {
        now += tookMs;
        if (mayPass(circuit, now)) circuit = withTrial(circuit);
        const isFailure = next === down || next.kind === "unreachable";
        row = isFailure ? [...row, now] : [];
        circuit = circuitAfter(circuit, next, now, random);
        if (circuit.state === "closed") {
          expect(circuit.failures).toBe(row.length);
          continue;
        }
        expect(row.length).toBeGreaterThanOrEqual(limits.circuitFailures);
        expect(now - (row[0] ?? now)).toBeGreaterThanOrEqual(limits.circuitFailingMs);
        expect(circuit.retryAt - circuit.lastFailureAt).toBeGreaterThanOrEqual(limits.circuitOpenMsFirst);
        expect(circuit.retryAt - circuit.lastFailureAt).toBeLessThanOrEqual(limits.circuitOpenMsMax * 1.1);
      }
    }),
  );
});
