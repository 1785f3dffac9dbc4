import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { installPackages } from "../setup/install-packages.ts";

const root = resolve(import.meta.dirname, "../..");

/** Builds the site as `npm run docs` does, without installing its packages again. */
export async function buildSite(): Promise<void> {
  await installPackages(join(root, "site"));
  await promisify(execFile)(process.execPath, [join(root, "site/build.ts")], { cwd: root });
}
