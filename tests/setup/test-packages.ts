import { join, resolve } from "node:path";
import { installPackages } from "./install-packages.ts";

const folder = resolve(import.meta.dirname, "..");

/** Installs the packages of `tests/package.json`, unless they are current. PostgreSQL completes its files with a script. */
export async function installTestPackages(): Promise<void> {
  await installPackages(folder, { scriptsRun: true });
}

/** The path of a file in one of these packages. */
export function testPackage(path: string): string {
  return join(folder, "node_modules", path);
}

/** Vitest calls this before a run. */
export const setup = installTestPackages;

if (import.meta.main) await installTestPackages();
