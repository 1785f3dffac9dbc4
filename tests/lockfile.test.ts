import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

interface Entry {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
}

/** Each with the minimum number of its packages: fewer would mean that a check examines nothing. */
const lockfiles = [
  { lockfile: "package-lock.json", packagesMin: 250 },
  { lockfile: "site/package-lock.json", packagesMin: 100 },
  { lockfile: "tests/mcp-interop/programs/package-lock.json", packagesMin: 100 },
  { lockfile: "tests/mutation/package-lock.json", packagesMin: 100 },
  { lockfile: "tests/package-checks/package-lock.json", packagesMin: 15 },
  { lockfile: "tests/package-lock.json", packagesMin: 40 },
  { lockfile: "tests/runtimes/programs/package-lock.json", packagesMin: 20 },
];

function installedBy(lockfile: string): [string, Entry][] {
  const { packages } = JSON.parse(readFileSync(join(root, lockfile), "utf8")) as { packages: Record<string, Entry> };
  return Object.entries(packages).filter(([path]) => path.includes("node_modules/"));
}

test("every lockfile of the repository is checked here", () => {
  const tracked = execFileSync("git", ["ls-files", "*package-lock.json"], { cwd: root, encoding: "utf8" });
  expect(lockfiles.map(({ lockfile }) => lockfile)).toEqual(tracked.trim().split("\n").sort());
});

test.each(lockfiles)("every package that $lockfile installs has its integrity", ({ lockfile, packagesMin }) => {
  const fetched = installedBy(lockfile).filter(([, { link }]) => link !== true);
  expect(fetched.length).toBeGreaterThan(packagesMin);
  const without = fetched.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ""));
  expect(without.map(([path]) => path)).toEqual([]);
});

test.each(lockfiles)("$lockfile names no host of packages", ({ lockfile }) => {
  const links = installedBy(lockfile).filter(([, { resolved }]) => resolved !== undefined);
  expect(links.filter(([, { link, resolved }]) => link !== true || !resolved?.startsWith("packages/"))).toEqual([]);
});
