import { expect, test } from "vitest";
import { ManualClock, until } from "../delivery/fixtures/manual-clock.ts";
import { limits } from "../domain/limits.ts";
import type { Reporter } from "../report/reporter.ts";
import { gate, scriptedSource, thing } from "./fixtures/scripted-source.ts";
import { anotherOrganization, keyOf, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import { SourceError, type SourceItem } from "./source.ts";
import { stubSource } from "./sources/stub/stub-source.ts";

async function types(weft: TestWeft): Promise<unknown[]> {
  return (await weft.events()).map((event) => event.event_type).slice(2);
}

test("a job is announced as pending, running and completed, in this order and with correct counts", async () => {
  await using weft = await openTestWeft({ sources: [stubSource] });
  const connection = await weft.connect("stub", {
    config: { entity_count: 200 },
    credentials: { stub_key: "k" },
    syncImmediately: true,
  });
  await weft.ended(keyOf(connection), lastJobId(connection));
  expect(await types(weft)).toEqual(["sync.pending", "sync.running", "sync.completed"]);
  expect((await weft.events()).at(-1)).toMatchObject({ entities_inserted: 200, entities_skipped: 0, error: null });
  const again = await weft.connections.run(keyOf(connection));
  expect(again.state).toBe("pending");
  await weft.ended(keyOf(connection), again.id);
  expect((await weft.events()).at(-1)).toMatchObject({
    entities_inserted: 0,
    entities_skipped: 200,
    chunks_written: 0,
  });
});

test("a source that fails in the middle fails the job, and its entities until then are kept and counted", async () => {
  await using weft = await openTestWeft({ sources: [stubSource] });
  const connection = await weft.connect("stub", {
    config: { entity_count: 200, fail_after: 70 },
    credentials: { stub_key: "k" },
  });
  const { id } = await weft.connections.run(keyOf(connection));
  const error = "Stub source simulated failure after 70 entities (fail_after=70)";
  expect(await weft.ended(keyOf(connection), id)).toMatchObject({ state: "failed", error, counts: { inserted: 70 } });
  expect((await weft.events()).at(-1)).toMatchObject({ event_type: "sync.failed", error });
});

test("entities that a failed or incomplete read did not reach are not deleted", async () => {
  let reading: () => AsyncIterable<SourceItem> = async function* () {
    yield* [thing("a"), thing("b"), thing("c")];
  };
  await using weft = await openTestWeft({ sources: [scriptedSource(() => reading())] });
  const connection = await weft.connect("scripted");
  const sync = async () => weft.ended(keyOf(connection), (await weft.connections.run(keyOf(connection))).id);
  await sync();
  reading = async function* () {
    yield thing("a");
    throw new SourceError("No more.");
  };
  expect(await sync()).toMatchObject({ state: "failed", counts: { deleted: 0, skipped: 1 } });
  reading = async function* () {
    yield thing("a");
    yield { kind: "problem", id: "folder/", reason: "The folder cannot be read.", keeps: "everything" };
  };
  expect(await sync()).toMatchObject({ state: "completed", counts: { deleted: 0, failed: 1 } });
  reading = async function* () {
    yield thing("a");
    yield { kind: "problem", id: "b", reason: "Busy.", keeps: "itself" };
    yield { kind: "problem", id: "b", reason: "Busy.", keeps: "itself" };
  };
  expect(await sync()).toMatchObject({ state: "completed", counts: { deleted: 1, failed: 1, skipped: 1 } });
});

test("invalid entities count as failed and are reported by reason, and the job continues", async () => {
  const facts: Parameters<Reporter["syncJobFinished"]>[0][] = [];
  const source = scriptedSource(async function* () {
    yield thing("");
    yield thing("big", "x".repeat(limits.entityTextBytesMax + 1));
    yield thing("x".repeat(limits.entityIdLengthMax + 1));
    yield thing("good");
  });
  await using weft = await openTestWeft({
    sources: [source],
    reporter: { syncJobFinished: (fact) => void facts.push(fact) },
  });
  const connection = await weft.connect("scripted");
  const { id } = await weft.connections.run(keyOf(connection));
  expect(await weft.ended(keyOf(connection), id)).toMatchObject({
    state: "completed",
    counts: { inserted: 1, failed: 3 },
  });
  await until("the fact was reported", () => facts.length > 0);
  expect(facts).toMatchObject([
    { job: { id, state: "completed" }, problems: [{ count: 2 }, { count: 1, example: "big" }] },
  ]);
});

test("cancelling a running job ends it between two entities, with one final event", async () => {
  const isReading = gate();
  const source = scriptedSource(async function* () {
    yield thing("a");
    isReading.open();
    await new Promise(() => {});
  });
  await using weft = await openTestWeft({ sources: [source] });
  const connection = await weft.connect("scripted");
  const { id } = await weft.connections.run(keyOf(connection));
  await isReading.opened;
  expect((await weft.connections.cancel(keyOf(connection), id))?.state).toBe("cancelling");
  await weft.ended(keyOf(connection), id);
  expect(await types(weft)).toEqual(["sync.pending", "sync.running", "sync.cancelling", "sync.cancelled"]);
  await expect(weft.connections.cancel(keyOf(connection), id)).rejects.toMatchObject({ code: "job_not_cancellable" });
});

test("a pending job that is cancelled never runs, and its end is announced immediately", async () => {
  await using weft = await openTestWeft({ sources: [scriptedSource(async function* () {})], starts: false });
  const connection = await weft.connect("scripted");
  const { id } = await weft.connections.run(keyOf(connection));
  expect((await weft.connections.cancel(keyOf(connection), id))?.state).toBe("cancelled");
  weft.runner.start();
  const next = await weft.connections.run(keyOf(connection));
  await weft.ended(keyOf(connection), next.id);
  expect(await types(weft)).toEqual([
    "sync.pending",
    "sync.cancelled",
    "sync.pending",
    "sync.running",
    "sync.completed",
  ]);
});

test("a second run while a job is unfinished is refused with the state of the first", async () => {
  await using weft = await openTestWeft({ sources: [scriptedSource(async function* () {})], starts: false });
  const connection = await weft.connect("scripted");
  await weft.connections.run(keyOf(connection));
  const error = { code: "sync_under_way", message: expect.stringContaining("a sync job is already pending") };
  await expect(weft.connections.run(keyOf(connection))).rejects.toMatchObject(error);
});

/** A source that waits at its beginning, with the maximum number of its concurrent jobs. */
function waitingSource() {
  const go = gate();
  const seen = { underWay: 0, most: 0 };
  const source = scriptedSource(async function* () {
    seen.underWay += 1;
    seen.most = Math.max(seen.most, seen.underWay);
    await go.opened;
    yield thing("a");
    seen.underWay -= 1;
  });
  return { source, go, seen };
}

async function startedJobs(weft: TestWeft, count: number, organizationId = weft.organizationId) {
  const jobs = [];
  for (let i = 0; i < count; i++) {
    const key = keyOf(await weft.connect("scripted", { organizationId }));
    jobs.push({ key, id: (await weft.connections.run(key)).id });
  }
  return jobs;
}

async function pendingIds({ store }: TestWeft): Promise<string[]> {
  const waiting = await store.findUnfinishedJobs({ states: ["pending"], limit: 100 });
  return waiting.map((job) => job.id);
}

test("the number of running jobs is limited, and the others stay pending and run in their turn", async () => {
  const { source, go, seen } = waitingSource();
  await using weft = await openTestWeft({ sources: [source] });
  const other = await anotherOrganization(weft.store, weft.origin);
  const half = limits.syncJobsPerNodeMax / 2;
  const running = [...(await startedJobs(weft, half)), ...(await startedJobs(weft, half, other))];
  for (const { key, id } of running) await weft.job(key, id, (job) => job.state === "running");
  const waiting = [...(await startedJobs(weft, 2)), ...(await startedJobs(weft, 2, other))];
  expect(await pendingIds(weft)).toEqual(waiting.map(({ id }) => id));
  await until("all others are read", () => seen.underWay === limits.syncJobsPerNodeMax);
  go.open();
  for (const { key, id } of [...running, ...waiting]) expect((await weft.ended(key, id)).state).toBe("completed");
  expect(seen.most).toBe(limits.syncJobsPerNodeMax);
});

test("one organization's many jobs leave room for another's", async () => {
  const { source, go, seen } = waitingSource();
  await using weft = await openTestWeft({ sources: [source], starts: false });
  const other = await anotherOrganization(weft.store, weft.origin);
  const many = await startedJobs(weft, limits.syncJobsPerNodeMax + 4);
  weft.runner.start();
  for (const { key, id } of many.slice(0, limits.syncJobsPerOrganizationMax)) {
    await weft.job(key, id, (job) => job.state === "running");
  }
  const [late] = await startedJobs(weft, 1, other);
  if (late === undefined) throw new Error("One was made.");
  await weft.job(late.key, late.id, (job) => job.state === "running");
  expect(await pendingIds(weft)).toEqual(many.slice(limits.syncJobsPerOrganizationMax).map(({ id }) => id));
  await until("all of them are read", () => seen.underWay === limits.syncJobsPerOrganizationMax + 1);
  go.open();
  for (const { key, id } of [...many, late]) expect((await weft.ended(key, id)).state).toBe("completed");
  expect(seen.most).toBe(limits.syncJobsPerOrganizationMax + 1);
});

test("a source can limit its running jobs, and other sources' jobs do not wait for them", async () => {
  const { source, go, seen } = waitingSource();
  await using weft = await openTestWeft({ sources: [{ ...source, jobsAtOnceMax: 2 }, stubSource], starts: false });
  const jobs = await startedJobs(weft, 5);
  const stub = keyOf(await weft.connect("stub", { credentials: { stub_key: "k" } }));
  const other = await weft.connections.run(stub);
  weft.runner.start();
  expect((await weft.ended(stub, other.id)).state).toBe("completed");
  expect(await pendingIds(weft)).toEqual(jobs.slice(2).map(({ id }) => id));
  await until("two are read", () => seen.underWay === 2);
  go.open();
  for (const { key, id } of jobs) expect((await weft.ended(key, id)).state).toBe("completed");
  expect(seen.most).toBe(2);
});

test("counts grow while a job runs", async () => {
  const go = gate();
  const source = scriptedSource(async function* () {
    for (let i = 0; i < limits.syncBatchEntitiesMax; i++) yield thing(`${i}`);
    await go.opened;
  });
  await using weft = await openTestWeft({ sources: [source] });
  const connection = await weft.connect("scripted");
  const { id } = await weft.connections.run(keyOf(connection));
  const job = await weft.job(keyOf(connection), id, ({ counts }) => counts.inserted > 0);
  expect(job).toMatchObject({ state: "running", counts: { inserted: limits.syncBatchEntitiesMax } });
  go.open();
  expect((await weft.ended(keyOf(connection), id)).state).toBe("completed");
});

test("counts also grow while a source pauses in the middle of a batch", async () => {
  const go = gate();
  const source = scriptedSource(async function* () {
    yield thing("a");
    await go.opened;
  });
  await using weft = await openTestWeft({ sources: [source] });
  const connection = await weft.connect("scripted");
  const { id } = await weft.connections.run(keyOf(connection));
  const job = await weft.job(keyOf(connection), id, ({ counts }) => counts.inserted > 0);
  expect(job).toMatchObject({ state: "running", counts: { inserted: 1 } });
  go.open();
  expect(await weft.ended(keyOf(connection), id)).toMatchObject({ state: "completed", counts: { inserted: 1 } });
});

const second = 1_000;

/** Lets a second pass during which the process is running. */
async function liveOn(clock: ManualClock): Promise<void> {
  clock.advance(second);
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test("a source that yields nothing for too long fails its job and keeps its entities, even if it ignores its signal", async () => {
  const clock = new ManualClock(Date.now());
  const isReading = gate();
  let reader: AbortSignal | undefined;
  const source = scriptedSource(async function* (signal) {
    reader = signal;
    yield thing("a");
    isReading.open();
    await new Promise(() => {});
  });
  await using weft = await openTestWeft({ sources: [source], clock });
  const connection = await weft.connect("scripted");
  const key = keyOf(connection);
  const { id } = await weft.connections.run(key);
  await isReading.opened;
  await weft.quiet();
  // The machine was asleep, so that no source was stuck in that time.
  clock.advance(2 * limits.sourceSilentMsMax);
  await weft.quiet();
  expect(await weft.store.readSyncJob({ ...key, jobId: id })).toMatchObject({ state: "running" });
  let livedMs = 0;
  for (; reader?.aborted === false; livedMs += second) await liveOn(clock);
  expect(livedMs).toBeGreaterThanOrEqual(limits.sourceSilentMsMax - 2 * second);
  expect(await weft.ended(key, id)).toMatchObject({
    state: "failed",
    error: "The source has yielded nothing for 15 minutes.",
    counts: { inserted: 1 },
  });
  expect(await types(weft)).toEqual(["sync.pending", "sync.running", "sync.failed"]);
  // Its slot is free: the next job runs.
  const next = await weft.connections.run(key);
  await weft.job(key, next.id, ({ state }) => state === "running");
});

test("a source may be silent for longer if its definition says so", async () => {
  const clock = new ManualClock(Date.now());
  const [isReading, go] = [gate(), gate()];
  const source = scriptedSource(async function* () {
    isReading.open();
    await go.opened;
    yield thing("a");
  });
  await using weft = await openTestWeft({ sources: [{ ...source, silentMsMax: 3_600_000 }], clock });
  const connection = await weft.connect("scripted");
  const { id } = await weft.connections.run(keyOf(connection));
  await isReading.opened;
  await weft.quiet();
  for (let livedMs = 0; livedMs <= 2 * limits.sourceSilentMsMax; livedMs += second) await liveOn(clock);
  go.open();
  expect(await weft.ended(keyOf(connection), id)).toMatchObject({ state: "completed", counts: { inserted: 1 } });
});

test("at most three batches are in memory, and the source waits for the store", async () => {
  const [count, problems] = [20_000, 12_000];
  let yielded = 0;
  let mostHeld = 0;
  let mostInBatch = 0;
  const source = scriptedSource(async function* () {
    for (let number = 0; number < count; number++) {
      yielded += 1;
      yield number < problems
        ? { kind: "problem", id: `p${number}`, reason: `Reason ${number}.`, keeps: "nothing" }
        : thing(String(number));
    }
  });
  await using weft = await openTestWeft({ sources: [source] });
  const storeEntities = weft.store.storeEntities.bind(weft.store);
  let stored = 0;
  const counted: typeof storeEntities = async (batch) => {
    mostInBatch = Math.max(mostInBatch, batch.entities.length + batch.failed.length + batch.gone.length);
    const counts = await storeEntities(batch);
    mostHeld = Math.max(mostHeld, yielded - stored);
    stored = (counts?.inserted ?? 0) + (counts?.failed ?? 0);
    return counts;
  };
  Object.defineProperty(weft.store, "storeEntities", { value: counted });
  const key = keyOf(await weft.connect("scripted"));
  const job = await weft.ended(key, (await weft.connections.run(key)).id);
  expect(job).toMatchObject({ state: "completed", counts: { inserted: count - problems, failed: problems } });
  expect(mostHeld).toBeLessThanOrEqual(3 * limits.syncBatchEntitiesMax);
  // Invalid entities are removed too, wherever they were stored.
  expect(mostInBatch).toBeLessThanOrEqual(2 * limits.syncBatchEntitiesMax);
}, 60_000);

test("a repeated problem counts once, as long as the job remembers it", async () => {
  const remembered = limits.failedEntitiesRememberedMax;
  const source = scriptedSource(async function* () {
    const problem = (number: number): SourceItem => ({
      kind: "problem",
      id: `${number}`,
      reason: "No.",
      keeps: "itself",
    });
    for (let number = 0; number <= remembered; number++) yield problem(number);
    yield problem(remembered);
    yield problem(0);
  });
  await using weft = await openTestWeft({ sources: [source] });
  const key = keyOf(await weft.connect("scripted"));
  const job = await weft.ended(key, (await weft.connections.run(key)).id);
  expect(job).toMatchObject({ state: "completed", counts: { failed: remembered + 2 } });
}, 60_000);

test("a source that is not offered any more fails the job with that reason", async () => {
  await using weft = await openTestWeft({ sources: [stubSource] });
  const connection = await weft.connect("stub", { credentials: { stub_key: "k" } });
  Object.defineProperty(weft.runner.sources, "find", { value: () => null });
  const { id } = await weft.connections.run(keyOf(connection));
  expect(await weft.ended(keyOf(connection), id)).toMatchObject({
    state: "failed",
    error: "The source stub is not available here.",
  });
});

test("no failure reason contains a credential", async () => {
  const source = scriptedSource(() => {
    throw new Error("401 Unauthorized for key sk-12345");
  });
  await using weft = await openTestWeft({ sources: [source] });
  const connection = await weft.connect("scripted", { credentials: { key: "sk-12345" } });
  const { id } = await weft.connections.run(keyOf(connection));
  expect(await weft.ended(keyOf(connection), id)).toMatchObject({
    error: "The source failed: 401 Unauthorized for key ***",
  });
});

function lastJobId({ lastJob }: Awaited<ReturnType<TestWeft["connect"]>>) {
  if (lastJob === null) throw new Error("The connection has no job.");
  return lastJob.id;
}
