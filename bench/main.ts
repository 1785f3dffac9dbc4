// `npm run bench`: runs scenarios, prints a table, and writes bench/results/latest.json. README.md says how to read it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { readOptions } from "./command-line.ts";
import { describeCommit, describeMachine, describeVersions } from "./machine.ts";
import { type Result, resultTable, tallied } from "./results.ts";
import { InvalidRunError, type Run, type ScenarioName, type Tally } from "./scenario.ts";

const resultsFolder = join(import.meta.dirname, "results");

async function main(): Promise<void> {
  const { scenarios, databaseUrl, nodes, scale, isProfiled, resultsName } = readOptions(
    process.argv.slice(2),
    process.env,
  );
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => interrupted.abort(new Error(`Interrupted by ${signal}.`)));
  }
  const folder = mkdtempSync(join(tmpdir(), "weft-bench-"));
  // This also runs after an uncaught error.
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const machine = await describeMachine(folder);
  const results: Result[] = [];
  const invalid: Invalid[] = [];
  for (const { name, minutesMax, hasTraffic = true, run } of scenarios) {
    process.stderr.write(`${name} …\n`);
    const signal = AbortSignal.any([interrupted.signal, AbortSignal.timeout(minutesMax * 60_000)]);
    const weftNodeOptions = isProfiled ? profiler(name) : [];
    try {
      const tally: Tally = { reconciled: 0, lost: 0, duplicates: 0 };
      const found = await run({ signal, folder, databaseUrl, nodes, scale, weftNodeOptions, results, tally });
      if (hasTraffic && tally.reconciled === 0) throw new InvalidRunError("Not one webhook was reconciled.");
      results.push(...found, ...(hasTraffic ? tallied(name, tally) : []));
    } catch (error) {
      interrupted.signal.throwIfAborted();
      // The first failure is the cause of this one.
      invalid.push({ scenario: name, reason: messageOf(signal.aborted ? signal.reason : error) });
    }
  }
  const run = { database: databaseKind(databaseUrl), nodes, scale };
  const report = { machine, versions: describeVersions(), commit: describeCommit(), run, results, invalid };
  writeResults(report, `${resultsName}.json`);
}

function profiler(scenario: string): string[] {
  return ["--cpu-prof", `--cpu-prof-dir=${join(resultsFolder, "profiles", scenario)}`];
}

/** Without the URL itself, because it may contain a password. */
function databaseKind(databaseUrl: string | null): string {
  return databaseUrl?.startsWith("postgres") === true ? "postgres" : "sqlite";
}

/** A scenario without measurements, and the reason. */
interface Invalid {
  readonly scenario: ScenarioName;
  readonly reason: string;
}

interface Report {
  readonly machine: Awaited<ReturnType<typeof describeMachine>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string | null;
  readonly run: Pick<Run, "nodes" | "scale"> & { readonly database: string };
  readonly results: readonly Result[];
  readonly invalid: readonly Invalid[];
}

function writeResults(report: Report, fileName: string): void {
  for (const { scenario, reason } of report.invalid) fail(`${scenario} is invalid. ${reason}`);
  if (report.results.length === 0) return;
  const path = join(resultsFolder, fileName);
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${resultTable(report.results)}\nWritten to ${relative(process.cwd(), path)}.\n`);
}

function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  await main();
} catch (error) {
  fail(messageOf(error));
}
