// `npm run release`: builds everything that users install into reports/release, or into the given folder. Two builds of one
// commit have identical bytes. It needs the checkout after `npm ci`, and the registry only for the Node of the executables.

import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Release, timeOf, versionOf } from "./release.ts";
import { steps } from "./steps.ts";

const root = resolve(import.meta.dirname, "..");
const folder = resolve(process.argv[2] ?? join(root, "reports/release"));
const stage = mkdtempSync(join(tmpdir(), "weft-release-"));
try {
  await build({
    root,
    folder,
    stage,
    version: versionOf(root),
    time: timeOf(root, process.env),
    platform: { os: process.platform, architecture: process.arch },
  });
} finally {
  rmSync(stage, { recursive: true, force: true });
}

async function build(release: Release): Promise<void> {
  rmSync(release.folder, { recursive: true, force: true });
  mkdirSync(release.folder, { recursive: true });
  for (const { name, build } of steps) {
    const result = await build(release);
    if ("skipped" in result) say(`${name}: skipped. ${result.skipped}`);
    else for (const file of result) say(`${name}: ${file} (${mebibytesOf(join(release.folder, file))} MiB)`);
  }
  say(`The release is in ${release.folder}.`);
}

function mebibytesOf(path: string): string {
  return (statSync(path).size / 1_024 / 1_024).toFixed(1);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
