import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");
const requirements = join(import.meta.dirname, "requirements.txt");
const python = process.env.WEFT_TEST_PYTHON ?? "python3";
/** Helm and the schemas of Kubernetes, as Python packages: 350 MB. */
const environment = join(root, ".cache/kubernetes");

/** Null if the tools can be installed. */
export function whyNoHelm(): string | null {
  if (process.platform !== "linux") return "The tests of the chart need Linux.";
  try {
    execFileSync(python, ["-c", "import ensurepip, venv"], { stdio: "ignore" });
    return null;
  } catch {
    return `${python} cannot create environments (Debian: python3-venv), so the chart is not tested. WEFT_TEST_PYTHON names another.`;
  }
}

/** Installs the pinned tools, unless they are current. */
export async function installHelm(): Promise<void> {
  const wanted = readFileSync(requirements, "utf8");
  const marker = join(environment, "requirements.txt");
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(join(environment, ".."), { recursive: true });
  const run = promisify(execFile);
  await run(python, ["-m", "venv", environment]);
  await run(join(environment, "bin/pip"), ["install", "--quiet", "--require-virtualenv", "-r", requirements]);
  // Renamed last, so that an interrupted installation is repeated.
  writeFileSync(`${marker}.new`, wanted);
  renameSync(`${marker}.new`, marker);
}

export interface Rendered {
  /** The manifests by the path of their template, such as `weft/templates/service.yaml`. */
  readonly manifests?: Readonly<Record<string, string>>;
  /** Helm's error. */
  readonly error?: string;
}

/** Renders a chart, or a packed chart, as `helm template` does. */
export async function renderChart(chart: string, values: object, name = "weft"): Promise<Rendered> {
  return (await ask({ action: "render", chart, values, name })) as Rendered;
}

/** The messages of `helm lint --strict`. */
export async function lintChart(chart: string, values: object): Promise<{ error: string; severity: number }[]> {
  return ((await ask({ action: "lint", chart, values })) as { messages: { error: string; severity: number }[] })
    .messages;
}

export interface Validated {
  readonly checked: number;
  readonly mistakes: readonly string[];
}

/** Validates objects against the strict schemas of versions of Kubernetes, such as 1.29. */
export async function validateObjects(yaml: string, versions: readonly string[]): Promise<Validated> {
  return (await ask({ action: "validate", text: yaml, versions })) as Validated;
}

async function ask(request: object): Promise<unknown> {
  const child = spawn(join(environment, "bin/python"), [join(import.meta.dirname, "charts.py")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify(request));
  return JSON.parse(await text(child.stdout));
}
