import type { Result } from "./results.ts";

export type ScenarioName = "ceiling" | "sustained" | "latency";

/** What a run hands to its scenarios. */
export interface Run {
  /** Aborted when the run is interrupted or takes too long. */
  readonly signal: AbortSignal;
  /** Where scenarios keep their data; removed at the end of the run. */
  readonly folder: string;
  /** Options for the Node process of Weft, such as a profiler's. */
  readonly weftNodeOptions: readonly string[];
  /** What was measured so far. */
  readonly results: readonly Result[];
}

export interface Scenario {
  readonly name: ScenarioName;
  /** Scenarios whose results this one reads. */
  readonly needs: readonly ScenarioName[];
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
