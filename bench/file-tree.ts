// Files of a real project, and the minimum work of any sync of them.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readdirSync, statSync } from "node:fs";
import { appendFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { machineMs } from "./machine-clock.ts";

const installed = join(import.meta.dirname, "..", "node_modules");
const textFile = /\.([cm]?[jt]s|json|md)$/;
export const fileBytesMax = 256 * 1024;

/** Copies text files of the installed packages into a new folder; returns their paths in it. */
export function copyFiles(folder: string, count: number): string[] {
  const all = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && textFile.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).size <= fileBytesMax)
    .sort();
  const step = Math.max(1, all.length / count);
  const chosen = Array.from({ length: Math.min(count, all.length) }, (_, index) => all[Math.floor(index * step)] ?? "");
  return chosen.map((path) => {
    const copy = join(folder, path.slice(installed.length));
    cpSync(path, copy);
    return copy;
  });
}

/** Writes to every hundredth of these files. */
export async function changeFiles(paths: readonly string[]): Promise<void> {
  const some = paths.filter((_, index) => index % 100 === 0);
  await Promise.all(some.map((path) => appendFile(path, `\n${performance.now()}\n`)));
}

/** Makes a repository of the folder, or commits its changes. */
export function commitFiles(folder: string): void {
  const as = ["-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false"];
  for (const args of [
    ["init", "--quiet"],
    ["add", "--all", "--force"],
    [...as, "commit", "--quiet", "--message=bench"],
  ]) {
    execFileSync("git", args, { cwd: folder });
  }
}

/** The time to find the files of a folder, read them one after the other, and hash each, in milliseconds. */
export async function walkAndHash(folder: string): Promise<number> {
  const beganAt = machineMs();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.parentPath.includes("/.git")) continue;
    createHash("sha256")
      .update(await readFile(join(entry.parentPath, entry.name)))
      .digest("base64");
  }
  return machineMs() - beganAt;
}
