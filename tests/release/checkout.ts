import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** Copies the checkout with its uncommitted changes, as a clone of the next commit after `npm ci` would have it. */
export function copyCheckout(to: string): void {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const file of listed.split("\0").filter((name) => name !== "" && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(root, file), join(to, file), { verbatimSymlinks: true });
  }
  for (const folder of ["node_modules", "packages/server/node_modules"]) {
    // Hard links, because it is large.
    if (existsSync(join(root, folder))) execFileSync("cp", ["-al", join(root, folder), join(to, folder)]);
  }
}
