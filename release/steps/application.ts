import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { modeOf } from "../archive.ts";
import { noticesIn } from "../package-notices.ts";
import { type ProductionPackage, productionPackages } from "../production-packages.ts";
import type { Release } from "../release.ts";

/** The folder with the packages of Weft, and the licences of the packages that are bundled with them. */
export function applicationOf({ stage }: Release): string {
  return join(stage, "application");
}

/**
 * Lays the application from the packages for npm and from the checkout's `node_modules`, without a registry. It runs on every
 * platform.
 */
export async function stageApplication(release: Release): Promise<string[]> {
  const application = applicationOf(release);
  for (const one of productionPackages(release.root)) {
    const target = join(application, installedPath(one));
    mkdirSync(target, { recursive: true });
    if (one.integrity === null) unpack(release, one, target);
    else copyNotices(join(release.root, one.path), target);
  }
  return [];
}

/** Packages of Weft are links in the checkout, and folders of `node_modules` where they are installed. */
export function installedPath({ path }: ProductionPackage): string {
  return path.replace(/^packages\/(\w+)/, "node_modules/@weft/$1");
}

function unpack({ folder }: Release, { name, version }: ProductionPackage, target: string): void {
  const tarball = join(folder, `weft-${name.slice("@weft/".length)}-${version}.tgz`);
  execFileSync("tar", ["xzf", tarball, "-C", target, "--strip-components", "1"]);
  normalizeModes(target);
}

function copyNotices(source: string, target: string): void {
  for (const path of noticesIn(source)) cpSync(join(source, path), join(target, path));
  normalizeModes(target);
}

/** Modes must not depend on the umask of the checkout. */
export function normalizeModes(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, modeOf(statSync(path).mode));
  }
}
