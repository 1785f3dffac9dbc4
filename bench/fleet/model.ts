// A model of a fleet: nodes that commit in batches to one Postgres primary, in virtual time. Measurements give the cost
// of a batch and of a delivery; the queues for threads, cores and the WAL are simulated. docs/operate/scaling.md lists what the
// model leaves out.

import { SeededRandom } from "../../tests/simulation/seeded-random.ts";
import { percentile } from "../percentile.ts";
import type { Costs } from "./costs.ts";
import { EventQueue } from "./event-queue.ts";
import { FleetNode, type Load } from "./node.ts";
import { Primary, type PrimaryMachine } from "./primary.ts";

export interface Fleet {
  readonly nodes: number;
  readonly primary: PrimaryMachine;
  readonly costs: Costs;
  /** Between a node and the primary. */
  readonly roundTripMs: number;
  /** From sending a webhook to its response. */
  readonly receiverMs: number;
  readonly seed: number;
}

export interface Figures {
  /** Recorded deliveries of the whole fleet. */
  readonly deliveriesPerSecond: number;
  /** From the arrival of an event to the response after its commit. */
  readonly acceptMs: { readonly p50: number; readonly p99: number };
  /** Shares of the capacity, 0 to 1. */
  readonly nodeCpu: number;
  readonly primaryCpu: number;
  readonly wal: number;
}

const warmUpMs = 1_000;
const measuredMs = 3_000;

/** Runs a fleet for a few virtual seconds under the same load on each node. */
export function runFleet(fleet: Fleet, load: Load): Figures {
  const events = new EventQueue();
  const primary = new Primary(events, fleet.primary);
  const random = new SeededRandom(fleet.seed);
  const { costs, roundTripMs, receiverMs } = fleet;
  const nodes = Array.from(
    { length: fleet.nodes },
    () => new FleetNode({ events, primary, random, costs, roundTripMs, receiverMs, load }),
  );
  for (const node of nodes) node.start();
  events.runUntil(warmUpMs);
  const before = {
    recorded: sum(nodes, recordedOf),
    nodes: sum(nodes, cpuOf),
    cpu: primary.cpuMs,
    wal: primary.walBytes,
  };
  for (const node of nodes) node.latenciesMs = [];
  events.runUntil(warmUpMs + measuredMs);
  const latencies = nodes.flatMap((node) => node.latenciesMs);
  return {
    deliveriesPerSecond: ((sum(nodes, recordedOf) - before.recorded) / measuredMs) * 1_000,
    acceptMs: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
    nodeCpu: Math.min(1, (sum(nodes, cpuOf) - before.nodes) / measuredMs / fleet.nodes),
    primaryCpu: (primary.cpuMs - before.cpu) / measuredMs / fleet.primary.cores,
    wal: ((primary.walBytes - before.wal) / measuredMs) * (1_000 / fleet.primary.walBytesPerSecond),
  };
}

// The number that the benchmark's load generator uses for one node.
const callers = 256;

/** The maximum load: callers that post the next event immediately after the response. */
export function mostDeliveries(fleet: Fleet): Figures {
  return runFleet(fleet, { kind: "closed", callers });
}

export function atShareOf(most: Figures, share: number, fleet: Fleet): Figures {
  return runFleet(fleet, { kind: "open", perSecond: (most.deliveriesPerSecond * share) / fleet.nodes });
}

/** The resource that is used up first; "commits" if none is, and each node waits for its one running commit. */
export function whatSaturates({ nodeCpu, primaryCpu, wal }: Figures): "node CPU" | "primary CPU" | "WAL" | "commits" {
  const most = Math.max(nodeCpu, primaryCpu, wal);
  if (most < saturated) return "commits";
  if (most === primaryCpu) return "primary CPU";
  return most === wal ? "WAL" : "node CPU";
}

const saturated = 0.9;

function recordedOf(node: FleetNode): number {
  return node.recorded;
}

function cpuOf(node: FleetNode): number {
  return node.cpuMs;
}

function sum(nodes: readonly FleetNode[], read: (node: FleetNode) => number): number {
  return nodes.reduce((total, node) => total + read(node), 0);
}
