// A circuit keeps requests from an endpoint that is down. Each node has one for each subscription.
//
//   closed ──ten failures in a row, over 30 s──▶ open ──its time is over, or by hand──▶ half_open
//     ▲                                           ▲                                     │   │
//     └───────────── the endpoint answers ────────┼─────────────────────────────────────┘   │
//                                                 └──── the trial failed: open for twice as long
//
// Only what says that the endpoint is down counts: no answer, or a 5xx. Whoever answers anything else is there.

import { assertNever } from "./assert-never.ts";
import type { AttemptOutcome } from "./attempt.ts";
import { limits } from "./limits.ts";

export type Circuit =
  | { readonly state: "closed"; readonly failures: number; readonly failingSince: number | null }
  | OpenCircuit
  /** One request, the trial, is under way or about to be, and no other may start. */
  | (Omit<OpenCircuit, "state"> & { readonly state: "half_open" });

/** Times are Unix milliseconds. */
export interface OpenCircuit {
  readonly state: "open";
  /** Failures in a row, trials among them. */
  readonly failures: number;
  /** What the last failure was: a status such as `503`, or a reason such as `timeout`. */
  readonly lastFailure: string;
  readonly lastFailureAt: number;
  /** Waits in a row without an answer in between: each is twice as long as the one before. */
  readonly waits: number;
  /** When it opened; trials that failed do not change that. */
  readonly since: number;
  /** No trial begins before, unless somebody asks for one. */
  readonly retryAt: number;
}

export const closedCircuit: Circuit = { state: "closed", failures: 0, failingSince: null };

/** The circuit after an outcome. `random`: 0 to 1, for the jitter of the wait. */
export function circuitAfter(circuit: Circuit, outcome: AttemptOutcome, now: number, random: number): Circuit {
  const sign = signOf(outcome);
  if (sign === "up") return circuit.state === "closed" && circuit.failures === 0 ? circuit : closedCircuit;
  if (sign === "none") return circuit.state === "half_open" ? withoutTrial(circuit) : circuit;
  switch (circuit.state) {
    case "closed": {
      const failures = circuit.failures + 1;
      const failingSince = circuit.failingSince ?? now;
      const isDown = failures >= limits.circuitFailures && now - failingSince >= limits.circuitFailingMs;
      if (!isDown) return { state: "closed", failures, failingSince };
      return opened({ failures, waits: 1, since: now }, outcome, now, random);
    }
    case "open":
      // An answer to a request from before it opened: the wait is decided already.
      return circuit;
    case "half_open":
      return opened(
        { failures: circuit.failures + 1, waits: circuit.waits + 1, since: circuit.since },
        outcome,
        now,
        random,
      );
    default:
      return assertNever(circuit);
  }
}

/** Whether a request may start now. The only one that an open circuit lets through is its trial. */
export function mayPass(circuit: Circuit, now: number): boolean {
  return circuit.state === "closed" || (circuit.state === "open" && now >= circuit.retryAt);
}

/** The trial begins. */
export function withTrial(circuit: Circuit): Circuit {
  return circuit.state === "open" ? { ...circuit, state: "half_open" } : circuit;
}

/** The trial ended without a request, or without telling anything of the endpoint: the next may begin when it might have. */
export function withoutTrial(circuit: Circuit): Circuit {
  return circuit.state === "half_open" ? { ...circuit, state: "open" } : circuit;
}

function opened(
  known: Pick<OpenCircuit, "failures" | "waits" | "since">,
  outcome: AttemptOutcome,
  now: number,
  random: number,
): Circuit {
  const lastFailure = outcome.kind === "unreachable" ? outcome.reason : String(outcome.status);
  return { state: "open", ...known, lastFailure, lastFailureAt: now, retryAt: now + waitMs(known.waits, random) };
}

function waitMs(waits: number, random: number): number {
  const doubled = limits.circuitOpenMsFirst * 2 ** (waits - 1);
  return Math.round(Math.min(doubled, limits.circuitOpenMsMax) * (1 + limits.retryJitter * random));
}

/** What an outcome says of the endpoint. */
function signOf(outcome: AttemptOutcome): "up" | "down" | "none" {
  switch (outcome.kind) {
    case "accepted":
      return "up";
    case "rejected":
      return outcome.status >= 500 ? "down" : "up";
    case "unreachable":
      // We called it off ourselves.
      if (outcome.reason === "aborted") return "none";
      // There is an answer, only too long a one.
      return outcome.reason === "too_large" ? "up" : "down";
    default:
      return assertNever(outcome);
  }
}
