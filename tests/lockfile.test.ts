import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

interface Entry {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
}

const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
  packages: Record<string, Entry>;
};
const installed = Object.entries(packages).filter(([path]) => path.includes("node_modules/"));

test("every package that is installed has its integrity in the lockfile", () => {
  const fetched = installed.filter(([, { link }]) => link !== true);
  expect(fetched.length).toBeGreaterThan(400);
  const without = fetched.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ""));
  expect(without.map(([path]) => path)).toEqual([]);
});

test("the lockfile names no place that packages are fetched from", () => {
  const links = installed.filter(([, { resolved }]) => resolved !== undefined);
  expect(links.filter(([, { link, resolved }]) => link !== true || !resolved?.startsWith("packages/"))).toEqual([]);
});
