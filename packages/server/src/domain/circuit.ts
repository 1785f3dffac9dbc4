// A circuit holds requests back from an endpoint that is down. Each node has one for each subscription.
//
//   closed ──ten failures in a row, over 30 s──▶ open ──wait over, or on request─────▶ half_open
//     ▲                                           ▲                                     │   │
//     └──────────── the endpoint responds ────────┼─────────────────────────────────────┘   │
//                                                 └──── the trial failed: open for twice as long
//
// Only two outcomes count as failures: no response, or a 5xx. Any other response shows that the endpoint is up.

import { assertNever } from "./assert-never.ts";
import type { AttemptOutcome } from "./attempt.ts";
import { limits } from "./limits.ts";

export type Circuit =
  | { readonly state: "closed"; readonly failures: number; readonly failingSince: number | null }
  | OpenCircuit
  /** One request, the trial, is running or about to start. No other request may start. */
  | (Omit<OpenCircuit, "state"> & { readonly state: "half_open" });

/** Times are Unix milliseconds. */
export interface OpenCircuit {
  readonly state: "open";
  /** Consecutive failures, including trials. */
  readonly failures: number;
  /** The last failure: a status such as `503`, or a reason such as `timeout`. */
  readonly lastFailure: string;
  readonly lastFailureAt: number;
  /** The number of consecutive waits without a response between them. Each is twice as long as the one before. */
  readonly waits: number;
  /** When it opened. Failed trials do not change it. */
  readonly since: number;
  /** No trial starts before this time, unless a user requests one. */
  readonly retryAt: number;
}

export const closedCircuit: Circuit = { state: "closed", failures: 0, failingSince: null };

/** The circuit after an outcome. `random` (0 to 1) is the jitter of the wait. */
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
      // The response belongs to a request from before the circuit opened: the wait is already set.
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

/** Whether a request may start now. An open circuit allows only its trial. */
export function mayPass(circuit: Circuit, now: number): boolean {
  return circuit.state === "closed" || (circuit.state === "open" && now >= circuit.retryAt);
}

/** The circuit when its trial starts. */
export function withTrial(circuit: Circuit): Circuit {
  return circuit.state === "open" ? { ...circuit, state: "half_open" } : circuit;
}

/**
 * The circuit after a trial that ended without a request, or says nothing about the endpoint. The next trial may start at the
 * same time.
 */
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

/** Classifies an outcome: the endpoint is up, it is down, or the outcome says nothing about it. */
function signOf(outcome: AttemptOutcome): "up" | "down" | "none" {
  switch (outcome.kind) {
    case "accepted":
      return "up";
    case "rejected":
      return outcome.status >= 500 ? "down" : "up";
    case "unreachable":
      // Weft itself aborted the request, or its proxy failed.
      if (outcome.reason === "aborted" || outcome.reason === "proxy") return "none";
      // The endpoint responded, but its response was too long.
      return outcome.reason === "too_large" ? "up" : "down";
    default:
      return assertNever(outcome);
  }
}
