import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SingerTap } from "../domain/singer-tap.ts";
import { gate } from "./fixtures/scripted-source.ts";
import { keyOf, newFolder, openTestWeft } from "./fixtures/test-weft.ts";
import { testTap } from "./sources/singer/fixtures/test-taps.ts";
import { singerSource } from "./sources/singer/singer-source.ts";

const secret = "tok/en of the tap";
let folder: string;
let file: string;
let notes: readonly string[];

beforeEach(() => {
  folder = newFolder();
  file = join(folder, "process");
  notes = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

async function opened(how: string, changes: Partial<SingerTap> = {}) {
  const reported = gate();
  const tap = testTap("broken-tap.ts", { config: { how }, ...changes });
  const weft = await openTestWeft({
    sources: [singerSource({ taps: new Map([["broken", tap]]), environment: process.env })],
    reporter: {
      syncJobFinished: (fact) => {
        notes = fact.notes;
        reported.open();
      },
    },
  });
  const settings = { config: { tap: "broken" }, credentials: { config: { how: "silence", file, secret } } };
  const key = keyOf(await weft.connect("singer", settings));
  return { weft, key, jobId: (await weft.connections.run(key)).id, reported: reported.opened };
}

/** The end of a job of a tap that misbehaves. */
async function ended(how: string, changes: Partial<SingerTap> = {}) {
  const { weft, key, jobId, reported } = await opened(how, changes);
  await using _ = weft;
  const job = await weft.ended(key, jobId);
  await reported;
  expect(JSON.stringify([job, notes, await weft.events()])).not.toMatch(/tok\/en|en of the tap/);
  return { state: job.state, inserted: job.counts.inserted, error: job.state === "failed" ? job.error : null };
}

async function leftProcess(): Promise<number> {
  // The file may exist before its content.
  await expect.poll(() => existsSync(file) && readFileSync(file, "utf8"), { timeout: 20_000 }).toMatch(/\d/);
  return Number(readFileSync(file, "utf8"));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a line that is not JSON fails the job, without its text, after the entities before it", async () => {
  const error = "The tap broken wrote a line that is not valid JSON, as line 3 of its output.";
  expect(await ended("bad JSON")).toEqual({ state: "failed", inserted: 1, error });
});

test("a line above the limit of the tap fails the job", async () => {
  const error = "The tap broken wrote a line of more than 1 MiB, which is its limit for one message.";
  expect(await ended("a huge line")).toEqual({ state: "failed", inserted: 0, error });
  expect(await ended("a line without an end")).toEqual({ state: "failed", inserted: 0, error });
});

test("a tap with endless output is ended at its limit", async () => {
  const error = "The tap broken wrote more than 3 MiB, which is its limit.";
  const outputBytesMax = 3 * 1024 * 1024;
  expect(await ended("endless output", { outputBytesMax })).toEqual({ state: "failed", inserted: 10, error });
  expect(await ended("a flood of errors", { outputBytesMax })).toEqual({ state: "failed", inserted: 0, error });
});

test("a gigabyte on standard error leaves only the last line, which becomes the error", async () => {
  const error = "The tap broken ended with exit status 3: The last line.";
  expect(await ended("a flood of errors")).toEqual({ state: "failed", inserted: 0, error });
  expect(notes.at(-1)).toBe("The last line.");
  expect(notes.join("").length).toBeLessThan(20_000);
});

test("a tap that writes nothing is ended after its limit", async () => {
  const error = "The tap broken wrote nothing for 0.5 seconds and was ended.";
  expect(await ended("silence", { silentMsMax: 500, catalogFlag: "none" })).toMatchObject({ state: "failed", error });
});

test("a tap that runs too long is ended after its limit", async () => {
  const error = "The tap broken ran longer than 0.6 seconds, which is its limit, and was ended.";
  const changes = { runMsMax: 600, catalogFlag: "none" } as const;
  expect(await ended("endless output", changes)).toMatchObject({ state: "failed", error });
});

test("a tap that fails ends the job with its last line, and the entities before it stay", async () => {
  const error = "The tap broken ended with exit status 1: CRITICAL Access with *** was denied.";
  expect(await ended("exit 1")).toEqual({ state: "failed", inserted: 1, error });
});

test("a cancelled job ends a tap that ignores SIGTERM", async () => {
  const { weft, key, jobId } = await opened("ignores SIGTERM");
  await using _ = weft;
  const pid = await leftProcess();
  await weft.connections.cancel(key, jobId);
  expect((await weft.ended(key, jobId)).state).toBe("cancelled");
  await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
});

test("a process that a tap leaves behind ends with it, and does not delay the job", async () => {
  expect(await ended("a child that keeps the output open")).toEqual({ state: "completed", inserted: 1, error: null });
  const pid = await leftProcess();
  await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
});

test("a process that leaves the group of its tap does not delay the job", async () => {
  expect(await ended("a detached child that keeps the output open")).toMatchObject({ state: "completed", inserted: 1 });
  process.kill(await leftProcess(), "SIGKILL");
});

test.skipIf(process.platform !== "linux")("a tap cannot use more memory than its limit", async () => {
  const { state, inserted, error } = await ended("much memory", { memoryBytesMax: 700 * 1024 * 1024 });
  expect({ state, inserted }).toEqual({ state: "failed", inserted: 1 });
  expect(error).toMatch(/^The tap broken (ended with exit status|was ended by a signal)/);
});

test("a message that the specification does not allow fails the job", async () => {
  expect(await ended("a record before its schema")).toMatchObject({
    error: "The tap broken sent a record of the stream a before its schema.",
  });
  expect(await ended("a batch")).toMatchObject({
    error: "The tap broken wrote a message of the type BATCH, which Weft does not support, as line 1 of its output.",
  });
});

test("names of the language in records are ordinary names", async () => {
  expect(await ended("hostile names", { catalogFlag: "none" })).toEqual({
    state: "completed",
    inserted: 2,
    error: null,
  });
});

test("a program that does not exist fails the job with the setting that names it", async () => {
  const error =
    "The program of the tap broken is not installed, or cannot be run, where this Weft runs. Ask the operator to check WEFT_SINGER_TAPS.";
  expect(await ended("", { command: ["/nowhere/tap"] })).toMatchObject({ state: "failed", error });
});
