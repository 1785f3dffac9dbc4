import { execFileSync } from "node:child_process";
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "./percentile.ts";

/** The conditions that the results depend on, besides Weft. */
export async function describeMachine(folder: string) {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    // A commit costs at least one of these.
    diskSyncMs: diskSyncMs(folder),
    // The load of the cores before the run. A load above zero was missing during the run.
    coresBusyBefore: await coresBusy(),
  };
}

export function describeVersions(): Record<string, string> {
  const { version } = JSON.parse(readFileSync(new URL("../packages/server/package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  const { node, sqlite = "unknown", v8 } = process.versions;
  return { weft: version, node, v8, sqlite };
}

/** The measured commit, with a `+` when files differ from it; null outside a repository. */
export function describeCommit(): string | null {
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", "packages", "bench/*.ts") !== "";
    return `${git("rev-parse", "HEAD")}${changed ? "+" : ""}`;
  } catch {
    return null;
  }
}

function git(...args: string[]): string {
  return execFileSync("git", args, {
    cwd: import.meta.dirname,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

async function coresBusy(): Promise<number> {
  const before = idleMs();
  await sleep(1_000);
  return Number(Math.max(0, cpus().length - (idleMs() - before) / 1_000).toFixed(2));
}

function idleMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0);
}

const syncsTried = 50;

/** The median time of a small write and its sync. */
function diskSyncMs(folder: string): number {
  const file = openSync(join(folder, "disk-sync"), "w");
  try {
    const times = Array.from({ length: syncsTried }, () => {
      const startedAt = performance.now();
      writeSync(file, Buffer.alloc(4_096));
      fdatasyncSync(file);
      return performance.now() - startedAt;
    });
    return Number(percentile(times, 0.5).toFixed(2));
  } finally {
    closeSync(file);
  }
}
