import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { gate, scriptedSource, thing } from "./fixtures/scripted-source.ts";
import { keyOf, newFolder, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import { timedSource } from "./sources/timed/timed-source.ts";

/** The status of the events of each job, by job, oldest first. */
async function stories(weft: TestWeft): Promise<string[]> {
  const jobs = (await weft.events()).filter((event) => event.job_id !== undefined);
  const byJob = Map.groupBy(jobs, (event) => event.job_id);
  return [...byJob.values()].map((events) => events.map((event) => event.status).join(" "));
}

test("jobs of a killed process end once: failed, cancelled, or run after all", async () => {
  const folder = newFolder();
  const child = spawn(
    process.execPath,
    [new URL("./fixtures/process-that-dies.ts", import.meta.url).pathname, folder],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");

  const weft = await openTestWeft({ sources: [timedSource], folder, starts: false });
  expect(await stories(weft)).toEqual(["pending running", "pending running", "pending"]);
  weft.runner.start();
  await expect
    .poll(() => stories(weft), { timeout: 30_000 })
    .toEqual(["pending running failed", "pending running cancelled", "pending running"]);
  const failed = (await weft.events()).find((event) => event.event_type === "sync.failed");
  expect(failed).toMatchObject({ error: "The process that ran this job ended before the job did." });
  await weft[Symbol.asyncDispose]();

  const later = await openTestWeft({ sources: [timedSource], folder });
  await later[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test("a running job fails with the reason when Weft stops, and the next process runs a pending one", async () => {
  const folder = newFolder();
  const isReading = gate();
  const hanging = scriptedSource(async function* () {
    isReading.open();
    await new Promise(() => {});
    yield thing("never");
  });
  const first = await openTestWeft({ sources: [hanging], folder });
  const connection = await first.connect("scripted");
  await first.connections.run(keyOf(connection));
  await isReading.opened;
  await first.runner.stop();
  const waiting = await first.connect("scripted");
  const { id } = await first.connections.run(keyOf(waiting));
  await first[Symbol.asyncDispose]();

  const second = await openTestWeft({ sources: [scriptedSource(async function* () {})], folder });
  expect((await second.ended(keyOf(waiting), id)).state).toBe("completed");
  expect(await stories(second)).toEqual(["pending running failed", "pending running completed"]);
  const failed = (await second.events()).find((event) => event.event_type === "sync.failed");
  expect(failed).toMatchObject({ error: "Weft was stopped before the job ended. Run the sync again." });
  await second[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
