import type { Result } from "./results.ts";

export type ScenarioName =
  | "ceiling"
  | "sustained"
  | "latency"
  | "fleet"
  | "fan-out"
  | "hanging"
  | "hostile"
  | "throttling"
  | "noisy-tenant"
  | "backlog"
  | "history"
  | "many"
  | "payload"
  | "idle"
  | "cost"
  | "telemetry"
  | "agents"
  | "sync"
  | "sync-million"
  | "sync-records"
  | "search"
  | "console";

/** The parameters of a run for its scenarios. */
export interface Run {
  /** Aborted when the run is interrupted or the scenario takes too long. */
  readonly signal: AbortSignal;
  /** The folder for the data of scenarios; removed at the end of the run. */
  readonly folder: string;
  /** The server of the databases to measure; null for SQLite in the folder. */
  readonly databaseUrl: string | null;
  /** The number of Weft nodes that share the database. */
  readonly nodes: number;
  /** The factor of all counts; below 1, windows are shorter too. */
  readonly scale: number;
  /** Options for the Node process of Weft, such as a profiler's. */
  readonly weftNodeOptions: readonly string[];
  /** The measurements so far. */
  readonly results: readonly Result[];
  /** The traffic of the scenario. */
  readonly tally: Tally;
}

/** Webhooks that were reconciled with their events. */
export interface Tally {
  reconciled: number;
  lost: number;
  duplicates: number;
}

export interface Scenario {
  readonly name: ScenarioName;
  /** Scenarios whose results this one reads. */
  readonly needs: readonly ScenarioName[];
  /** Whether it runs when no scenario is named; such a scenario takes less than a minute. */
  readonly isDefault: boolean;
  /** Longer than it takes at full scale; then it is aborted. */
  readonly minutesMax: number;
  /** False for a scenario without webhooks to reconcile. */
  readonly hasTraffic?: false;
  run(run: Run): Promise<Result[]>;
}

/** The run is invalid: events were lost, or a process failed. */
export class InvalidRunError extends Error {
  override readonly name = "InvalidRunError";
}

export function measured(run: Run, scenario: ScenarioName, metric: string): number {
  const found = run.results.find((result) => result.scenario === scenario && result.metric === metric);
  if (found === undefined) throw new Error(`${scenario} ${metric} has not been measured in this run.`);
  return found.value;
}

/** A count at the run's scale. */
export function scaled({ scale }: Run, count: number): number {
  return Math.max(1, Math.round(count * scale));
}

const windowMsMin = 1_000;

/** The times of a measurement: shorter in a trial run, never longer. */
export function scaledWindow({ scale }: Run, { warmUpMs, windowMs }: Window): Window {
  const share = Math.min(1, scale);
  return { warmUpMs: Math.max(windowMsMin, warmUpMs * share), windowMs: Math.max(windowMsMin, windowMs * share) };
}

export interface Window {
  /** The time before measurements count. */
  readonly warmUpMs: number;
  readonly windowMs: number;
}
