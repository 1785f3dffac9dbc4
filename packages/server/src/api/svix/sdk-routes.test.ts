import { createRequire } from "node:module";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { callsOfJavaScript, leftOut, servedBy, unknownAmong } from "./fixtures/sdk-calls.ts";
import { startWeft } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
let served: ReadonlySet<string>;
beforeAll(async () => {
  weft = await startWeft();
  served = await servedBy(weft);
});
afterAll(() => weft[Symbol.asyncDispose]());

function callsIn(name: "svix" | "svix-2"): string[] {
  return callsOfJavaScript(dirname(createRequire(import.meta.url).resolve(name)));
}

test.each(["svix", "svix-2"] as const)("every call of the SDK %s is served, or left out with a reason", (name) => {
  const calls = callsIn(name);
  expect(calls.length).toBeGreaterThan(100);
  expect(unknownAmong(calls, served)).toEqual([]);
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
