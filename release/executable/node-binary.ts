import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/** The platforms with an executable. */
export const targets = ["linux-x64", "linux-arm64"] as const;
export type Target = (typeof targets)[number];

/** The Node that the repository pins, as npm distributes it. */
export const nodeVersion = "24.21.0";
const integrities: Readonly<Record<Target, string>> = {
  "linux-x64": "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  "linux-arm64": "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
};

/** Node's distribution could not be fetched from the registry or its cache. */
export class NodeUnavailableError extends Error {
  override readonly name = "NodeUnavailableError";
}

/** Writes the Node of a platform to a file. Debugging symbols are removed where this machine's `strip` knows the platform. */
export function writeNode(target: Target, path: string): void {
  // It is next to the file, because the file is moved there.
  mkdirSync(dirname(path), { recursive: true });
  const folder = mkdtempSync(`${path}-`);
  try {
    fetchNode(target, folder);
    const tarball = join(folder, `node-${target}-${nodeVersion}.tgz`);
    const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
    if (integrity !== integrities[target]) {
      throw new Error(`The Node ${nodeVersion} for ${target} is not the pinned one: its integrity is ${integrity}.`);
    }
    execFileSync("tar", ["-xzf", tarball, "-C", folder, "package/bin/node"]);
    renameSync(join(folder, "package/bin/node"), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  chmodSync(path, 0o755);
  if (target === `linux-${process.arch}`) strip(path);
}

function fetchNode(target: Target, folder: string): void {
  try {
    execFileSync("npm", ["pack", `node-${target}@${nodeVersion}`, "--silent", "--prefer-offline"], { cwd: folder });
  } catch (cause) {
    throw new NodeUnavailableError(`npm could not fetch Node ${nodeVersion} for ${target}.`, { cause });
  }
}

function strip(path: string): void {
  try {
    execFileSync("strip", [path], { stdio: "ignore" });
  } catch {
    // The executable is larger without it.
  }
}
