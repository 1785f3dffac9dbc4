import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { startWeft } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
let served: ReadonlySet<string>;
beforeAll(async () => {
  weft = await startWeft();
  const { paths } = (await (await fetch(`${weft.url}/api/v1/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  served = new Set(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${unnamed(path)}`),
    ),
  );
});
afterAll(() => weft[Symbol.asyncDispose]());

/** The pattern ignores the names of path parameters. */
function unnamed(path: string): string {
  return path.replaceAll(/\{\w+\}/g, "{}");
}

/** Every call of an SDK, extracted from its code. */
function callsIn(name: "svix" | "svix-2"): string[] {
  const folder = dirname(createRequire(import.meta.url).resolve(name));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /\.m?js$/.test(file));
  const calls = files.flatMap((file) =>
    [
      ...readFileSync(join(folder, file), "utf8").matchAll(
        /SvixRequest\((?:[\w.]*HttpMethod\.)?"?(\w+)"?,\s*"([^"]+)"/g,
      ),
    ].map(([, method, path]) => `${method} ${unnamed(path ?? "")}`),
  );
  return [...new Set(calls)].sort();
}

const page = readFileSync(join(import.meta.dirname, "../../../../../docs/svix.md"), "utf8");
const [, leftOutPart = ""] = page.split("## What is left out");
const leftOut = [...leftOutPart.matchAll(/`(\/(?:ingest\/)?api\/v1\/[^`]+)`/g)]
  .map(([, path]) => path ?? "")
  .filter((path) => !path.endsWith(".json"));

function isLeftOut(call: string): boolean {
  const path = call.replace(/^\w+ /, "");
  return leftOut.some((start) => path === start || path.startsWith(`${start}/`) || path.startsWith(`${start}-`));
}

test.each(["svix", "svix-2"] as const)("every call of the SDK %s is served, or left out with a reason", (name) => {
  const calls = callsIn(name);
  expect(calls.length).toBeGreaterThan(100);
  expect(calls.filter((call) => !served.has(call) && !isLeftOut(call))).toEqual([]);
});

test("the calls that the page leaves out exist in the SDKs, and are not served", () => {
  const calls = [...callsIn("svix"), ...callsIn("svix-2")];
  for (const start of leftOut) {
    const of = calls.filter((call) => call.includes(` ${start}`));
    expect(of, start).not.toEqual([]);
    expect(
      of.filter((call) => served.has(call)),
      start,
    ).toEqual([]);
  }
});
