import type { ScenarioName, Tally } from "./scenario.ts";

export interface Result {
  readonly scenario: ScenarioName;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  /** A bound that Weft must keep; null for a value that is only reported. */
  readonly target: number | null;
  readonly met: boolean | null;
}

interface Measure {
  readonly scenario: ScenarioName;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
}

export function reported(measure: Measure): Result {
  return { ...measure, value: rounded(measure.value), target: null, met: null };
}

/** Judged before it is rounded, so that a miss cannot be rounded to a pass. */
export function atLeast(target: number, measure: Measure): Result {
  return { ...measure, value: rounded(measure.value), target, met: measure.value >= target };
}

export function atMost(target: number, measure: Measure): Result {
  return { ...measure, value: rounded(measure.value), target, met: measure.value <= target };
}

/** The final results of every scenario. */
export function tallied(scenario: ScenarioName, { reconciled, lost, duplicates }: Tally): Result[] {
  return [
    reported({ scenario, metric: "reconciled", value: reconciled, unit: "webhooks" }),
    atMost(0, { scenario, metric: "lost", value: lost, unit: "webhooks" }),
    reported({ scenario, metric: "duplicates", value: duplicates, unit: "webhooks" }),
  ];
}

/** The results as lines for a terminal. */
export function resultTable(results: readonly Result[]): string {
  const rows = results.map(({ scenario, metric, value, unit, target, met }) => [
    scenario,
    metric,
    value.toLocaleString("en"),
    unit,
    target === null ? "" : `target ${target.toLocaleString("en")}`,
    met === null ? "" : met ? "met" : "MISSED",
  ]);
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}
