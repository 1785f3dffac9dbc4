import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { ManualClock, until } from "../delivery/fixtures/manual-clock.ts";
import type { SyncJobId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { sourceRetries } from "../domain/source-retry.ts";
import { isUnfinishedJob } from "../domain/sync-job.ts";
import type { Reporter } from "../report/reporter.ts";
import type { SourceConnectionKey } from "../store/source-connections/interface.ts";
import { flakySource } from "./fixtures/flaky-source.ts";
import { scriptedSource, thing } from "./fixtures/scripted-source.ts";
import { keyOf, newFolder, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import { SourceError, type SourceItem, TransientSourceError } from "./source.ts";

type Try = (cursor: string | null) => Iterable<SourceItem>;

const restStays: SourceItem = { kind: "rest_stays" };
const busy: SourceItem = { kind: "problem", id: "busy", reason: "It is busy.", keeps: "itself" };

function cursor(value: string): SourceItem {
  return { kind: "cursor", value };
}

function away(): never {
  throw new TransientSourceError("The host does not answer.");
}

/** A job whose reads the test defines, try by try; the last one repeats. */
async function begun(options: { tries: readonly Try[]; before?: Try; reporter?: Partial<Reporter> }) {
  const clock = new ManualClock(Date.now());
  const begins: number[] = [];
  let read: Try = options.before ?? (() => []);
  const source = scriptedSource(async function* (_, cursorBefore) {
    yield* read(cursorBefore);
  });
  const { reporter = {} } = options;
  const weft = await openTestWeft({ sources: [source], clock, retry: sourceRetries(() => 0), reporter });
  const key = keyOf(await weft.connect("scripted"));
  if (options.before !== undefined) await weft.ended(key, (await weft.connections.run(key)).id);
  clock.advance(10);
  read = (cursorBefore) => {
    begins.push(clock.now());
    const next = options.tries[begins.length - 1] ?? options.tries.at(-1);
    return next?.(cursorBefore) ?? [];
  };
  const { id } = await weft.connections.run(key);
  return { weft, clock, key, id, begins };
}

/** Advances the clock until the job has ended, and returns it. */
async function end({ weft, clock, key, id }: Awaited<ReturnType<typeof begun>>) {
  return await until("the job has ended", async () => {
    clock.advance(1_000);
    const job = await weft.store.readSyncJob({ ...key, jobId: id });
    return job !== null && !isUnfinishedJob(job) && job;
  });
}

async function story(weft: TestWeft, jobId: SyncJobId): Promise<unknown[]> {
  return (await weft.events()).filter((event) => event.job_id === jobId).map((event) => event.status);
}

test("a temporarily unavailable source is read again after a second, and repeated entities count once", async () => {
  const job = await begun({
    before: () => [thing("same"), thing("other")],
    tries: [
      function* () {
        yield* [thing("a"), thing("b"), thing("same"), thing("other"), busy];
        away();
      },
      () => [thing("a"), thing("b"), thing("same"), thing("other", "changed"), busy, thing("c")],
    ],
  });
  await using weft = job.weft;
  await until("it was read", () => job.begins.length === 1);
  await weft.quiet();
  job.clock.advance(999);
  await weft.quiet();
  expect(job.begins).toHaveLength(1);
  job.clock.advance(1);
  await until("it was read again", () => job.begins.length === 2);
  const counts = { inserted: 3, updated: 1, skipped: 1, deleted: 0, failed: 1 };
  expect(await weft.ended(job.key, job.id)).toMatchObject({ state: "completed", counts });
  expect(await story(weft, job.id)).toEqual(["pending", "running", "completed"]);
  expect((await weft.events()).at(-1)).toMatchObject({
    entities_inserted: 3,
    entities_updated: 1,
    entities_skipped: 1,
  });
  expect((await weft.store.readSourceConnection(job.key))?.entityCount).toBe(5);
});

test("a try continues from the last cursor of the previous one, and counts no earlier entity again", async () => {
  const facts: Parameters<Reporter["syncJobFinished"]>[0][] = [];
  const handed: (string | null)[] = [];
  const failing: Try = function* (cursorBefore) {
    handed.push(cursorBefore);
    yield* [restStays, thing("a"), busy, cursor("1"), thing("b"), { ...busy, id: "late" }];
    away();
  };
  const job = await begun({
    before: () => [cursor("0")],
    tries: [
      failing,
      (cursorBefore) => {
        handed.push(cursorBefore);
        return [restStays, thing("b", "changed meanwhile"), { ...busy, id: "late" }, thing("c"), cursor("2")];
      },
    ],
    reporter: { syncJobFinished: (fact) => void facts.push(fact) },
  });
  await using weft = job.weft;
  expect(await end(job)).toMatchObject({ state: "completed", counts: { inserted: 3, updated: 0, failed: 2 } });
  expect(handed).toEqual(["0", "1"]);
  await until("the fact was reported", () => facts.find((fact) => fact.job.id === job.id));
  expect(facts.at(-1)?.problems).toEqual([{ reason: "It is busy.", count: 2, example: "busy" }]);
  expect(await weft.store.readSyncCursor({ sourceConnectionId: job.key.sourceConnectionId })).toBe("2");
  const found = await weft.store.readEntityHashes({ ...job.key, entityIds: ["a", "b", "c"] });
  expect(found).toHaveLength(3);
});

test("entities that only an earlier try saw are deleted after a later try has seen everything else", async () => {
  const job = await begun({
    tries: [
      function* () {
        yield* [thing("a"), thing("moved")];
        away();
      },
      () => [thing("a")],
    ],
  });
  await using _ = job.weft;
  expect(await end(job)).toMatchObject({ state: "completed", counts: { inserted: 2, deleted: 1 } });
});

test("a source that stays unavailable fails its job with the number of tries, and keeps its entities", async () => {
  const job = await begun({
    tries: [
      function* () {
        yield thing("a");
        away();
      },
    ],
  });
  await using weft = job.weft;
  const error = "Given up after 6 tries: The host does not answer.";
  expect(await end(job)).toMatchObject({ state: "failed", error, counts: { inserted: 1, skipped: 0 } });
  const waits = job.begins.slice(1).map((at, index) => at - (job.begins[index] ?? Number.NaN));
  for (const [index, waitMs] of waits.entries()) {
    expect(waitMs).toBeGreaterThanOrEqual(limits.sourceRetryDelaysMs[index] ?? Number.NaN);
  }
  expect(waits).toHaveLength(5);
  expect(await story(weft, job.id)).toEqual(["pending", "running", "failed"]);
});

test("a source may request a longer wait, and one that requests too much fails immediately with its reason", async () => {
  const patience = (retryAfterMs: number): Try => {
    return () => {
      throw new TransientSourceError("Too many requests.", { retryAfterMs });
    };
  };
  {
    const job = await begun({ tries: [patience(60_000), () => [thing("a")]] });
    await using _ = job.weft;
    expect(await end(job)).toMatchObject({ state: "completed", counts: { inserted: 1 } });
    expect((job.begins[1] ?? 0) - (job.begins[0] ?? 0)).toBeGreaterThanOrEqual(60_000);
  }
  const job = await begun({ tries: [patience(limits.sourceRetryMsMax + 1)] });
  await using weft = job.weft;
  expect(await weft.ended(job.key, job.id)).toMatchObject({ state: "failed", error: "Too many requests." });
});

test("a source that refuses is not read again", async () => {
  const job = await begun({
    tries: [
      () => {
        throw new SourceError("The token was revoked.");
      },
    ],
  });
  await using weft = job.weft;
  expect(await weft.ended(job.key, job.id)).toMatchObject({ state: "failed", error: "The token was revoked." });
  expect(job.begins).toHaveLength(1);
});

test("a job that waits for its source is cancelled immediately", async () => {
  const job = await begun({ tries: [away] });
  await using weft = job.weft;
  await until("it was read", () => job.begins.length === 1);
  await weft.quiet();
  await weft.connections.cancel(job.key, job.id);
  expect((await weft.ended(job.key, job.id)).state).toBe("cancelled");
  expect(await story(weft, job.id)).toEqual(["pending", "running", "cancelling", "cancelled"]);
});

test("a job whose process is killed while it waits for its source ends once, with its stored entities", async () => {
  const folder = newFolder();
  const program = new URL("./fixtures/trying-process-that-dies.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const { key, jobId } = JSON.parse(String(said)) as { key: SourceConnectionKey; jobId: SyncJobId };
  child.kill("SIGKILL");
  await once(child, "exit");
  {
    await using weft = await openTestWeft({ sources: [flakySource({ failures: 0 })], folder });
    expect(await weft.ended(key, jobId)).toMatchObject({
      state: "failed",
      error: "The process that ran this job ended before the job did.",
      counts: { inserted: 100, updated: 0, skipped: 0, failed: 1 },
    });
    expect(await story(weft, jobId)).toEqual(["pending", "running", "failed"]);
    const next = await weft.ended(key, (await weft.connections.run(key)).id);
    expect(next).toMatchObject({ state: "completed", counts: { inserted: 0, skipped: 100, failed: 1 } });
    expect(await story(weft, jobId)).toEqual(["pending", "running", "failed"]);
  }
  rmSync(folder, { recursive: true });
});
