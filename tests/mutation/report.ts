// Writes docs/internals/mutation-report.md from Stryker's results, and fails while a mutant survives without an explanation, or
// while a folder's score, explanations excluded, is below its minimum.

import { readFile, writeFile } from "node:fs/promises";
import { equivalents } from "./equivalents.ts";

const runs = [
  { name: "domain", title: "The rules of the server", folder: "packages/server/src/domain" },
  { name: "receiver", title: "The receiver's kit", folder: "packages/receiver/src" },
] as const;

const scoreMin = 90;

/** The part of Stryker's report that is read. Source: mutation-testing-report-schema. */
interface StrykerReport {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly StrykerMutant[] }>>;
}

interface StrykerMutant {
  /**
   * A `RuntimeError` broke the loading of a module: it proves nothing about the tests, and Stryker leaves it out too.
   */
  readonly status: "Killed" | "Timeout" | "Survived" | "NoCoverage" | "RuntimeError";
  readonly replacement: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

/** Both count from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

interface MutatedFile {
  /** Its path below the mutated folder. */
  readonly file: string;
  readonly killed: number;
  readonly survivors: readonly Survivor[];
}

interface Survivor {
  readonly file: string;
  readonly code: string;
  readonly becomes: string;
  readonly why: string | null;
}

const filesByRun = await Promise.all(runs.map(async (run) => ({ ...run, files: await filesOf(run.name, run.folder) })));
const survivors = filesByRun.flatMap(({ files }) => files.flatMap((file) => file.survivors));
const sections = filesByRun.map(({ title, folder, files }) => sectionOf(title, folder, files));
await writeFile("docs/internals/mutation-report.md", `${[introduction(), ...sections].join("\n\n")}\n`);

for (const { folder, files } of filesByRun) {
  const score = scoreOf(totalOf(files));
  if (score < scoreMin) complain(`${folder}: the score is ${score.toFixed(1)} %; it must be ${scoreMin} % at least.`);
}
for (const { file, code, becomes } of survivors.filter(({ why }) => why === null)) {
  complain(`${file}: no test notices when \`${code}\` becomes \`${becomes}\`. Write one, or simplify the code.`);
}
for (const each of equivalents) {
  if (survivors.some((survivor) => explains(each, survivor))) continue;
  complain(`equivalents.ts explains \`${each.code}\` in ${each.file}, which no longer survives. Take it out.`);
}

async function filesOf(name: string, folder: string): Promise<MutatedFile[]> {
  const report: StrykerReport = JSON.parse(await readFile(`reports/mutation/${name}.json`, "utf8"));
  return Object.entries(report.files)
    .map(([path, { source, mutants }]) => {
      const file = path.slice(folder.length + 1);
      const killed = mutants.filter(({ status }) => status === "Killed" || status === "Timeout").length;
      const alive = mutants.filter(({ status }) => status === "Survived" || status === "NoCoverage");
      return { file, killed, survivors: alive.map((mutant) => survivorOf(file, source, mutant)) };
    })
    .filter(({ killed, survivors }) => killed + survivors.length > 0)
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function survivorOf(file: string, source: string, { location, replacement }: StrykerMutant): Survivor {
  const lines = source.split("\n").slice(location.start.line - 1, location.end.line);
  lines.push((lines.pop() ?? "").slice(0, location.end.column - 1));
  const code = oneLine(lines.join("\n").slice(location.start.column - 1));
  const found = { file, code, becomes: oneLine(replacement) };
  return { ...found, why: equivalents.find((each) => explains(each, found))?.why ?? null };
}

function explains(given: Omit<Survivor, "why">, survivor: Omit<Survivor, "why">): boolean {
  return given.file === survivor.file && given.code === survivor.code && given.becomes === survivor.becomes;
}

function oneLine(code: string): string {
  return code.replaceAll(/\s+/g, " ").trim();
}

function introduction(): string {
  return `# Mutation report

\`npm run test:mutation\` generates this page; do not edit it. [Stryker](https://stryker-mutator.io) makes small changes (mutants) to the
code and runs the tests in the same folder. A mutant survives if no test fails. Each surviving mutant below has no visible effect,
and the list explains why; the run fails if a surviving mutant has no explanation. \`tests/mutation/*.config.ts\` lists the excluded
files and the reasons.`;
}

function sectionOf(title: string, folder: string, files: readonly MutatedFile[]): string {
  const total = totalOf(files);
  const rows = [...files, total].map((row) => {
    return `| ${row.file} | ${scoreOf(row).toFixed(1)} % | ${row.killed} | ${row.survivors.length} |`;
  });
  const lines = total.survivors.map(({ file, code, becomes, why }) => {
    return `- ${file}: ${asCode(code)} → ${asCode(becomes)}: ${why ?? "not explained"}`;
  });
  const table = ["| file | score | killed | survived |", "|---|---:|---:|---:|", ...rows];
  return [`## ${title}: \`${folder}\``, table.join("\n"), lines.join("\n")].filter((part) => part !== "").join("\n\n");
}

function totalOf(files: readonly MutatedFile[]): MutatedFile {
  const killed = files.reduce((total, file) => total + file.killed, 0);
  return { file: "all", killed, survivors: files.flatMap((file) => file.survivors) };
}

function scoreOf({ killed, survivors }: MutatedFile): number {
  return (100 * killed) / (killed + survivors.length);
}

/** Two backticks, for code that holds one. */
function asCode(code: string): string {
  return code.includes("`") ? `\`\` ${code} \`\`` : `\`${code}\``;
}

function complain(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
