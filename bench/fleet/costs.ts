import type { Result } from "../results.ts";

/** The cost of work: for each batch, regardless of its size, and for each delivery. Times in ms. */
export interface Costs {
  readonly node: Cost;
  readonly primary: Cost;
  readonly walBytes: Cost;
  /** A transaction in which a node checks for work. */
  readonly look: number;
}

export interface Cost {
  readonly perBatch: number;
  /** Both its parts: accepting and recording. */
  readonly perDelivery: number;
}

/**
 * Two rates separate the cost of a batch from that of a delivery: at the low rate nearly every event has batches of its
 * own, at the sustained rate a hundred share one. The cost of an idle node is subtracted first.
 */
export function costsOf(results: readonly Result[]): Costs {
  function value(metric: string): number {
    const found = results.find((result) => result.scenario === "cost" && result.metric === metric);
    if (found === undefined) throw new Error(`The results lack "cost ${metric}": run the scenario on Postgres.`);
    return found.value;
  }
  const [low, high] = ["200/s", "sustained"] as const;
  function spent(what: string, load: string, idle: string): number {
    return value(`${what}, ${load}`) - value(idle) / value(`rate, ${load}`);
  }
  const idleTransactions = "transactions, idle";
  const batches = { low: spent("transactions", low, idleTransactions), high: highBatches() };
  function highBatches(): number {
    return Math.max(0, spent("transactions", high, idleTransactions));
  }
  function split(what: string, idle: string, unit: number): Cost {
    const [atLow, atHigh] = [spent(what, low, idle), spent(what, high, idle)];
    const perBatch = Math.max(0, (atLow - atHigh) / (batches.low - batches.high));
    return { perBatch: perBatch * unit, perDelivery: Math.max(0, atHigh - perBatch * batches.high) * unit };
  }
  return {
    node: split("node CPU", "node CPU, idle", 0.001),
    primary: split("database CPU", "database CPU, idle", 0.001),
    walBytes: split("WAL", "WAL, idle", 1),
    look: value("database CPU, idle") / value(idleTransactions) / 1_000,
  };
}
