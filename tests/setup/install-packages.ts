import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** Installs the packages of a folder that has a lockfile of its own, unless they are there. No script of theirs is run. */
export async function installPackages(folder: string): Promise<void> {
  if (existsSync(join(folder, "node_modules"))) return;
  await promisify(execFile)("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
}
