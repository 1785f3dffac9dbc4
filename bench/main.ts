// `npm run bench [-- NAME…] [--profile]`: runs the scenarios, prints a table, and writes bench/results/latest.json.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { describeCommit, describeMachine, describeVersions } from "./machine.ts";
import { type Result, resultTable } from "./results.ts";
import type { Scenario } from "./scenario.ts";
import { ceiling } from "./scenarios/ceiling.ts";
import { latency } from "./scenarios/latency.ts";
import { sustained } from "./scenarios/sustained.ts";

const runMsMax = 180_000;
/** Each after those that it needs. */
const scenarios: readonly Scenario[] = [ceiling, sustained, latency];
const resultsFolder = join(import.meta.dirname, "results");

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { profile: { type: "boolean" } }, allowPositionals: true });
  const chosen = chooseScenarios(positionals);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => interrupted.abort(new Error(`Interrupted by ${signal}.`)));
  }
  const signal = AbortSignal.any([interrupted.signal, AbortSignal.timeout(runMsMax)]);
  const folder = mkdtempSync(join(tmpdir(), "weft-bench-"));
  try {
    const machine = await describeMachine(folder);
    const results: Result[] = [];
    for (const scenario of chosen) {
      process.stderr.write(`${scenario.name} …\n`);
      const weftNodeOptions = values.profile === true ? profiler(scenario.name) : [];
      results.push(...(await scenario.run({ signal, folder, weftNodeOptions, results })));
    }
    writeResults({ machine, versions: describeVersions(), commit: describeCommit(), results });
  } catch (error) {
    // Whatever failed first, it failed because of this.
    throw signal.aborted ? signal.reason : error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function chooseScenarios(names: readonly string[]): Scenario[] {
  const wanted = new Set<string>(names.length === 0 ? scenarios.map(({ name }) => name) : names);
  for (const name of wanted) {
    const scenario = scenarios.find((known) => known.name === name);
    if (scenario === undefined) {
      throw new Error(`There is no scenario "${name}"; there are ${scenarios.map((known) => known.name).join(", ")}.`);
    }
    // A set gives what is added during the loop a turn, so the needs of needs are found too.
    for (const needed of scenario.needs) wanted.add(needed);
  }
  return scenarios.filter(({ name }) => wanted.has(name));
}

function profiler(scenario: string): string[] {
  return ["--cpu-prof", `--cpu-prof-dir=${join(resultsFolder, "profiles", scenario)}`];
}

interface Report {
  readonly machine: Awaited<ReturnType<typeof describeMachine>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string | null;
  readonly results: readonly Result[];
}

function writeResults(report: Report): void {
  const path = join(resultsFolder, "latest.json");
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${resultTable(report.results)}\nWritten to ${relative(process.cwd(), path)}.\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`The run is invalid. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
