// The calls of the newest SDKs that the package registries have, so that a new route is noticed.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, whyNoPython } from "../../../../../tests/python-receivers/python.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { callsOfJavaScript, callsOfPython, servedBy, unknownAmong } from "./fixtures/sdk-calls.ts";
import { startWeft } from "./fixtures/svix-clients.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-sdks-"));
let weft: RunningWeft;
let served: ReadonlySet<string>;
beforeAll(async () => {
  weft = await startWeft();
  served = await servedBy(weft);
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function runs(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { cwd: folder, stdio: "ignore", timeout: 120_000 }).status === 0;
}

/** The folder of an unpacked package; null when the registry cannot be reached. */
const packages = {
  npm: () => {
    if (!runs("npm", ["pack", "svix@latest", "--silent"])) return null;
    const archive = readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "";
    return runs("tar", ["-xzf", archive]) ? join(folder, "package") : null;
  },
  PyPI: () => {
    if (!runs(python, ["-m", "pip", "download", "--no-deps", "--quiet", "svix"])) return null;
    const wheel = readdirSync(folder).find((file) => file.endsWith(".whl"));
    const unpacked = join(folder, "python");
    mkdirSync(unpacked);
    const unpacks = wheel === undefined ? ["-m", "tarfile", "-e", sourceIn(folder)] : ["-m", "zipfile", "-e", wheel];
    return runs(python, [...unpacks, unpacked]) ? unpacked : null;
  },
} as const;

function sourceIn(place: string): string {
  return readdirSync(place).find((file) => file.endsWith(".tar.gz")) ?? "";
}

describe.each([
  ["npm", callsOfJavaScript],
  ["PyPI", callsOfPython],
] as const)("the newest SDK of %s", (registry, callsOf) => {
  test("has no call that is neither served nor left out with a reason", ({ skip }) => {
    const why = registry === "PyPI" ? whyNoPython("pip") : null;
    skip(why !== null, why ?? "");
    const unpacked = packages[registry]();
    skip(unpacked === null, `The newest SDK of ${registry} cannot be downloaded, so its calls are not compared.`);
    const calls = callsOf(unpacked ?? "");
    expect(calls.length).toBeGreaterThan(100);
    expect(unknownAmong(calls, served)).toEqual([]);
  });
});
