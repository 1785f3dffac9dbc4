import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** Installs the packages of a folder that has a lockfile of its own, unless they are current. By default no script of theirs is run. */
export async function installPackages(folder: string, { scriptsRun = false } = {}): Promise<void> {
  if (isCurrent(folder)) return;
  const scripts = scriptsRun ? [] : ["--ignore-scripts"];
  await promisify(execFile)("npm", ["ci", ...scripts, "--no-audit", "--no-fund"], { cwd: folder });
}

/** npm writes its own lockfile last. */
function isCurrent(folder: string): boolean {
  const installed = statSync(join(folder, "node_modules/.package-lock.json"), { throwIfNoEntry: false });
  return installed !== undefined && installed.mtimeMs >= statSync(join(folder, "package-lock.json")).mtimeMs;
}
