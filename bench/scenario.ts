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
  | "sync"
  | "sync-million"
  | "console";

/** What a run hands to its scenarios. */
export interface Run {
  /** Aborted when the run is interrupted or the scenario takes too long. */
  readonly signal: AbortSignal;
  /** Where scenarios keep their data; removed at the end of the run. */
  readonly folder: string;
  /** The server of the databases to measure on; null for SQLite in the folder. */
  readonly databaseUrl: string | null;
  /** How many Weft nodes share the database. */
  readonly nodes: number;
  /** The factor of all counts; below 1, windows are shorter too. */
  readonly scale: number;
  /** Options for the Node process of Weft, such as a profiler's. */
  readonly weftNodeOptions: readonly string[];
  /** What was measured so far. */
  readonly results: readonly Result[];
  /** What the scenario's traffic came to. */
  readonly tally: Tally;
}

/** Webhooks that were held against the events they are of. */
export interface Tally {
  reconciled: number;
  lost: number;
  duplicates: number;
}

export interface Scenario {
  readonly name: ScenarioName;
  /** Scenarios whose results this one reads. */
  readonly needs: readonly ScenarioName[];
  /** Whether it runs when no scenario is named; such a one takes less than a minute. */
  readonly isDefault: boolean;
  /** Longer than it takes at full scale; then it is ended. */
  readonly minutesMax: number;
  /** False for one that sends no webhooks, which could be reconciled. */
  readonly hasTraffic?: false;
  run(run: Run): Promise<Result[]>;
}

/** The run measured nothing: events were lost, or a process failed. */
export class InvalidRunError extends Error {
  override readonly name = "InvalidRunError";
}

export function measured(run: Run, scenario: ScenarioName, metric: string): number {
  const found = run.results.find((result) => result.scenario === scenario && result.metric === metric);
  if (found === undefined) throw new Error(`${scenario} ${metric} has not been measured in this run.`);
  return found.value;
}

/** A number of things at the run's scale. */
export function scaled({ scale }: Run, count: number): number {
  return Math.max(1, Math.round(count * scale));
}

const windowMsMin = 1_000;

/** The times of a measurement: shorter when the run only tries things out, never longer. */
export function scaledWindow({ scale }: Run, { warmUpMs, windowMs }: Window): Window {
  const share = Math.min(1, scale);
  return { warmUpMs: Math.max(windowMsMin, warmUpMs * share), windowMs: Math.max(windowMsMin, windowMs * share) };
}

export interface Window {
  /** Before anything counts. */
  readonly warmUpMs: number;
  readonly windowMs: number;
}
