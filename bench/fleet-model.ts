// `npm run bench:fleet`: prints a projection for a fleet, based on the measurements of the scenario `cost` on Postgres.
// README.md explains it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Costs, costsOf } from "./fleet/costs.ts";
import { atShareOf, type Fleet, mostDeliveries, runFleet, whatSaturates } from "./fleet/model.ts";
import type { Result } from "./results.ts";

// A fleet in one data centre: a network between nodes and primary, a primary on a network disk, receivers on the internet.
const assumed = { roundTripMs: 0.5, receiverMs: 50, seed: 1 };
const primaryAssumed = { syncMs: 1, walBytesPerSecond: 500 * 2 ** 20 };

const nodeCounts = [1, 3, 10, 30, 100];
const coreCounts = [8, 16, 32, 64];
const load = 0.7;

interface Measured {
  readonly results: readonly Result[];
  readonly machine: { readonly diskSyncMs: number };
  readonly run: { readonly nodes: number };
}

function main(): void {
  const path = process.argv[2] ?? join(import.meta.dirname, "results", "cost-postgres.json");
  const { results, machine, run } = JSON.parse(readFileSync(path, "utf8")) as Measured;
  if (run.nodes !== 1) throw new Error(`${path} is of ${run.nodes} nodes; the model needs the costs of one.`);
  const costs = costsOf(results);
  print(costLines(costs));
  print(checkLines(costs, results, machine.diskSyncMs));
  print([
    "| nodes | cores | deliveries/s | used up first | node CPU | primary CPU | WAL | accept p50, p99 at 70 % (ms) |",
  ]);
  print([
    "| ----: | ----: | -----------: | ------------- | -------: | ----------: | --: | ---------------------------: |",
  ]);
  for (const nodes of nodeCounts) {
    for (const cores of coreCounts) print([row({ ...assumed, nodes, costs, primary: { ...primaryAssumed, cores } })]);
  }
  const idle = runFleet(
    { ...assumed, nodes: 100, costs, primary: { ...primaryAssumed, cores: 1 } },
    { kind: "open", perSecond: 0 },
  );
  print(["", `100 idle nodes use ${idle.primaryCpu.toFixed(2)} cores of the primary.`]);
}

function row(fleet: Fleet): string {
  const most = mostDeliveries(fleet);
  const { acceptMs } = atShareOf(most, load, fleet);
  const cells = [
    fleet.nodes,
    fleet.primary.cores,
    Number(most.deliveriesPerSecond.toPrecision(3)).toLocaleString("en"),
    whatSaturates(most),
    percent(most.nodeCpu),
    percent(most.primaryCpu),
    percent(most.wal),
    `${acceptMs.p50.toFixed(0)}, ${acceptMs.p99.toFixed(0)}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The model of the measured machine, compared with its measurements. Load and receiver left the primary one core. */
function checkLines(costs: Costs, results: readonly Result[], syncMs: number): string[] {
  const primary = { cores: 1, syncMs, walBytesPerSecond: primaryAssumed.walBytesPerSecond };
  const most = mostDeliveries({ ...assumed, nodes: 1, roundTripMs: 0.1, receiverMs: 1, primary, costs });
  const found = results.find(({ metric }) => metric === "rate, sustained")?.value ?? 0;
  const modelled = Math.round(most.deliveriesPerSecond);
  return [
    `One node on the measured machine: ${modelled} deliveries/s in the model, ${Math.round(found)} measured.`,
    "",
  ];
}

function costLines({ node, primary, walBytes, look }: Costs): string[] {
  return [
    `A batch: node ${micros(node.perBatch)}, primary ${micros(primary.perBatch)}, WAL ${walBytes.perBatch.toFixed(0)} B.`,
    `A delivery: node ${micros(node.perDelivery)}, primary ${micros(primary.perDelivery)}, WAL ${walBytes.perDelivery.toFixed(0)} B.`,
    `A look for something to do: primary ${micros(look)}.`,
    "",
  ];
}

function micros(ms: number): string {
  return `${(ms * 1_000).toFixed(0)} µs`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

main();
